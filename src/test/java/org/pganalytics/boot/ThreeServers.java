package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Three servers on one database, the first one's embedded one where no other is named; what has ended of them can be started
 * again where it was.
 */
final class ThreeServers implements AutoCloseable {
    static final String SECRET = "a secret behind balancers";
    private static final String DATABASE = "PGANALYTICS_DATABASE_URL";
    private static final Duration END_MAX = Duration.ofSeconds(60);

    private final List<Program> servers = new ArrayList<>();
    private final List<JsonObject> ports = new ArrayList<>();
    private final Map<String, String> environment;

    private ThreeServers(Map<String, String> environment) {
        this.environment = environment;
    }

    /** @param environment of all of them */
    static ThreeServers start(Map<String, String> environment) throws Exception {
        return start(environment, Program.command("serve"));
    }

    /** @param command that makes a server of this or another version */
    static ThreeServers start(Map<String, String> environment, List<String> command) throws Exception {
        var all = new HashMap<>(environment);
        all.put("PGANALYTICS_REGISTRATION_SECRET", SECRET);
        all.putIfAbsent("PGANALYTICS_DATABASE_CONNECT_TIMEOUT", "30s");
        var started = new ThreeServers(all);
        try {
            started.servers.add(Program.start(command, Program.folder("three"), all));
            started.first().untilReady();
            for (int number = 2; number <= 3; number++) {
                started.servers.add(Program.start(command, Program.folder("three"), started.beside()));
            }
            started.servers.forEach(
                    server -> started.ports.add(server.untilReady().ports()));
            return started;
        } catch (Exception failed) {
            started.close();
            throw failed;
        }
    }

    /** What a server needs to use the same database as the first one. */
    private Map<String, String> beside() {
        if (environment.containsKey(DATABASE)) {
            return environment;
        }
        var ports = first().ports();
        var all = new HashMap<>(environment);
        all.put(DATABASE, ports.getString("database_url"));
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
        kill(2);
    }

    /** Ends one with kill -9. @param index from 0 */
    void kill(int index) throws Exception {
        servers.get(index).signal("KILL");
        servers.get(index).waitFor(Duration.ofSeconds(10));
    }

    /** Ends one in order. @return the exit code */
    int end(int index) throws Exception {
        servers.get(index).signal("TERM");
        return servers.get(index).waitFor(END_MAX);
    }

    /** Starts the killed one again, on the ports it had. */
    void lastComesBack() throws Exception {
        comesBack(2, Program.command("serve"), Map.of()).untilReady();
    }

    /** Starts one again that has ended, on the ports it had. @param more environment for it alone */
    Program comesBack(int index, List<String> command, Map<String, String> more) throws Exception {
        var all = new HashMap<>(beside());
        for (var door : List.of("tcp", "http", "management")) {
            all.put(
                    "PGANALYTICS_" + door.toUpperCase(Locale.ROOT) + "_PORT",
                    ports.get(index).getInteger(door) + "");
        }
        all.putAll(more);
        servers.set(index, Program.start(command, servers.get(index).data(), all));
        return servers.get(index);
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
