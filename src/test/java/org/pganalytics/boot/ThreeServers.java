package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Three servers on one database, the first one's embedded one; what is killed of them can be started again where it was. */
final class ThreeServers implements AutoCloseable {
    static final String SECRET = "a secret behind balancers";

    private final List<Program> servers = new ArrayList<>();
    private final Map<String, String> environment;

    private ThreeServers(Map<String, String> environment) {
        this.environment = environment;
    }

    /** @param environment of all of them */
    static ThreeServers start(Map<String, String> environment) throws Exception {
        var all = new HashMap<>(environment);
        all.put("PGANALYTICS_REGISTRATION_SECRET", SECRET);
        all.put("PGANALYTICS_DATABASE_CONNECT_TIMEOUT", "30s");
        var started = new ThreeServers(all);
        try {
            for (int number = 1; number <= 3; number++) {
                started.add(Program.start(Program.folder("three"), number == 1 ? all : started.beside(), "serve"));
            }
            return started;
        } catch (Exception failed) {
            started.close();
            throw failed;
        }
    }

    private void add(Program server) {
        servers.add(server);
        server.untilReady();
    }

    /** What a server needs to use the first one's database. */
    private Map<String, String> beside() {
        var ports = first().ports();
        var all = new HashMap<>(environment);
        all.put("PGANALYTICS_DATABASE_URL", ports.getString("database_url"));
        all.put("PGANALYTICS_DATABASE_PASSFILE", ports.getString("database_passfile"));
        return all;
    }

    Program first() {
        return servers.get(0);
    }

    List<Program> all() {
        return servers;
    }

    /** Ends the last one with kill -9. */
    void killLast() throws Exception {
        servers.get(2).signal("KILL");
        servers.get(2).waitFor(Duration.ofSeconds(10));
    }

    /** Starts the killed one again, on the ports it had. */
    void lastComesBack() throws Exception {
        Path data = servers.get(2).data();
        JsonObject ports = new PortsFile(data).read().orElseThrow();
        var all = new HashMap<>(beside());
        for (var door : List.of("tcp", "http", "management")) {
            all.put("PGANALYTICS_" + door.toUpperCase(Locale.ROOT) + "_PORT", ports.getInteger(door) + "");
        }
        servers.set(2, Program.start(data, all, "serve").untilReady());
    }

    /** Rows that each of them has stored. */
    List<Double> rows() throws Exception {
        var rows = new ArrayList<Double>();
        for (var server : servers) {
            rows.add(server.metric("pganalytics_ingest_rows_total"));
        }
        return rows;
    }

    @Override
    public void close() throws Exception {
        for (int index = servers.size() - 1; index >= 0; index--) {
            servers.get(index).close();
        }
    }
}
