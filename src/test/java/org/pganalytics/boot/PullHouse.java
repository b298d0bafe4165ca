package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.pganalytics.collector.Agent;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.model.MetricFamily;

/** Two servers on one database, operators at the first, agents at the second. */
final class PullHouse implements AutoCloseable {
    static final String FAMILY = "pg_stat_bgwriter";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final ApiServer first;
    private final Server second;
    private final Vertx vertx = Vertx.vertx();

    PullHouse(Path folder) throws Exception {
        first = ApiServer.start(Map.of());
        second = ApiServer.open(first.database, folder, Map.of());
    }

    @Override
    public void close() {
        Await.result(vertx.close(), LIMIT, "the end");
        ApiServer.close(second);
        first.close();
    }

    /** Read once an hour, unless a server says otherwise; one row each time. */
    static MetricFamily hourly() {
        var declared = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.name().equals(FAMILY))
                .findFirst()
                .orElseThrow();
        return new MetricFamily(
                declared.schema(),
                declared.title(),
                declared.kind(),
                declared.scope(),
                Duration.ofHours(1),
                declared.retention(),
                declared.statements(),
                null,
                null,
                declared.reading());
    }

    Agent agent(Path state, String name, String door, List<MetricFamily> families, String more) {
        var ports = second.ports();
        var target = first.database.superuserAddress();
        var config = CollectorConfigFile.of("""
                name = "%s", state.dir = "%s", registration.secret = "%s", cpu-budget = 0
                servers = [ { tcp-port = %d, http-port = %d } ]
                link { retry-first = 50ms, retry-max = 200ms, connect-timeout = 2s }, batch.flush-after = 50ms
                targets = [ { name = "%s", host = "%s", port = %d, user = "%s", password = "%s", sslmode = disable } ]
                %s
                """.formatted(
                        name,
                        state,
                        ApiServer.SECRET,
                        door.equals("tcp") ? ports.getInteger("tcp") : 0,
                        door.equals("http") ? ports.getInteger("http") : door.equals("none") ? 1 : 0,
                        name,
                        target.host(),
                        target.port(),
                        target.user(),
                        target.password(),
                        more));
        return new Agent(config, families, new SimpleMeterRegistry(), "test", ProfileFile::over);
    }

    String deploy(Agent agent) {
        return Await.result(vertx.deployVerticle(agent), LIMIT, "the agent");
    }

    void undeploy(String deployed) {
        Await.result(vertx.undeploy(deployed), LIMIT, "the agent's end");
    }

    long rows(String target) {
        return first.database.number("SELECT count(*) FROM metrics.%s JOIN target USING (target_id) WHERE name = '%s'"
                .formatted(FAMILY, target));
    }

    JsonObject post(int status, String operation, JsonObject body, String... parameters) throws Exception {
        var answer = first.client.ask(operation, body, parameters);
        assertEquals(status, answer.status(), answer::text);
        return status == 204 ? new JsonObject() : answer.json();
    }

    /** @return the tag of the new version */
    String add(String profile, String document) throws Exception {
        return post(201, "addProfileVersion", new JsonObject().put("document", document), "profile", profile)
                .getString("tag");
    }

    void assign(String profile, int version, String selector) throws Exception {
        post(
                200,
                "assignProfile",
                new JsonObject().put("version", version).put("selector", selector),
                "profile",
                profile);
    }

    JsonObject state(String collector) throws Exception {
        var all = first.client.ok("listRollOut").getJsonArray("collectors");
        return all.stream()
                .map(JsonObject.class::cast)
                .filter(one -> one.getString("name").equals(collector))
                .findFirst()
                .orElse(new JsonObject().put("running", "(not there)"));
    }

    static ConditionFactory until(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(40));
    }

    void untilRunning(String collector, String tag) {
        until(collector + " runs " + tag)
                .until(() -> state(collector).getString("running").equals(tag));
    }
}
