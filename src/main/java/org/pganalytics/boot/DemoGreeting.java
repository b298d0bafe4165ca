package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Path;

/** Tells a person what runs and how to talk to it; of secrets only the files they stand in. */
final class DemoGreeting {
    private final Path data;
    private final JsonObject ports;

    DemoGreeting(Path data, JsonObject ports) {
        this.data = data;
        this.ports = ports;
    }

    void tell(PrintWriter out) {
        out.println("""

                pgAnalytics is running. Ctrl-C ends it; the data stays in %s.
                  collectors, TCP   127.0.0.1:%d
                  collectors, HTTP  %s/api/v1/metrics/push
                  their secret      is in %s, to register with
                  API               %s
                  people            the first admin's code is in %s, to choose a password with (docs/security.md)
                  health            curl -s http://127.0.0.1:%d/health/ready
                  metrics           curl -s http://127.0.0.1:%d/metrics | grep pganalytics_ingest
                  the database      PGPASSFILE=%s psql '%s'
                """.formatted(
                        data,
                        ports.getInteger("tcp"),
                        http(),
                        SecretFile.registration(data).path(),
                        callOfTheApi(),
                        SecretFile.adminCode(data).path(),
                        ports.getInteger("management"),
                        ports.getInteger("management"),
                        ports.getString("database_passfile"),
                        ports.getString("database_url")));
        out.println("To push by hand (docs/protocol.md has the form): a token, the position, a row.");
        pushByHand().lines().forEach(line -> out.println("  " + line));
        out.println();
        out.flush();
    }

    private String http() {
        return "http://127.0.0.1:" + ports.getInteger("http");
    }

    private String callOfTheApi() {
        var file = SecretFile.adminToken(data);
        return file.exists()
                ? "curl -s -H \"Authorization: Bearer $(cat %s)\" %s/api/v1/targets".formatted(file.path(), http())
                : "%s/api/v1/openapi.yaml; './pganalytics admin-token new NAME' makes a token".formatted(http());
    }

    private String pushByHand() {
        return """
                API=%s/api/v1 JSON='Content-Type: application/json'
                TOKEN=$(curl -s -H "$JSON" -H "X-Registration-Secret: $(cat %s)" \\
                  -d '{"hostname":"by-hand","name":"by hand","version":"1"}' $API/collectors/register \\
                  | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
                curl -s -H "Authorization: Bearer $TOKEN" \\
                  "$API/metrics/position?instance=$(cat /proc/sys/kernel/random/uuid)"
                curl -s -H "Authorization: Bearer $TOKEN" -H "$JSON" $API/metrics/push -d '{
                  "epoch":"1", "sequence":"1", "covers_from":"1", "blocks":[{"family":"pg_stat_database",
                  "columns":[{"name":"datname","type":"text","role":"key"},
                             {"name":"xact_commit","type":"int8","role":"counter"}],
                  "target":"by hand", "collected_at":"'$(date -u +%%FT%%TZ)'", "rows":[["mine","1"]]}]}'
                """.formatted(http(), SecretFile.registration(data).path());
    }
}
