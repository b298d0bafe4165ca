package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./pganalytics serve} as anybody starts it, on random ports, its embedded database on a core of its own. */
final class ServerProcess implements AutoCloseable {
    static final String SECRET = "a secret for the bench";

    /** As shipped, but for random ports and a limit on strangers that sixteen collectors of one address would meet. */
    private static final Map<String, String> SETTINGS = Map.of(
            "PGANALYTICS_TCP_PORT", "0",
            "PGANALYTICS_HTTP_PORT", "0",
            "PGANALYTICS_MANAGEMENT_PORT", "0",
            "PGANALYTICS_REGISTRATION_SECRET", SECRET,
            "PGANALYTICS_ADMISSION_STRANGERS_ATTEMPTS_PER_SECOND", "100000",
            "PGANALYTICS_ADMISSION_STRANGERS_BURST_ATTEMPTS", "100000");

    /** Where a server is told to use another database than its own: of that one nothing is measured here. */
    static final String DATABASE_URL = "PGANALYTICS_DATABASE_URL";

    private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final int POLL_MILLIS = 20;

    private final Workplace workplace;
    private final Process process;
    private final Path data;
    private final Path output;
    private JsonObject ports;
    private long databasePid;

    private ServerProcess(Workplace workplace, Process process, Path data, Path output) {
        this.workplace = workplace;
        this.process = process;
        this.data = data;
        this.output = output;
    }

    /** @param data the name of its data folder; one that is there already is used again */
    static ServerProcess start(Workplace workplace, String data, Cores cores, Map<String, String> environment)
            throws IOException, InterruptedException {
        var server = launch(workplace, data, List.of("./pganalytics", "serve"), environment);
        try {
            server.untilReady();
            if (!environment.containsKey(DATABASE_URL)) {
                server.databasePid = Workplace.postmaster(server.data);
                cores.pinDatabase(server.databasePid);
            }
            return server;
        } catch (IOException | InterruptedException | RuntimeException failure) {
            server.close();
            throw failure;
        }
    }

    /** From a start to its being ready, server and database on all processors that this bench may use, and its end. */
    static double secondsToReady(Workplace workplace, String data) throws IOException, InterruptedException {
        var command = new ArrayList<>(Cores.onAll());
        command.addAll(List.of("./pganalytics", "serve"));
        try (var server = launch(workplace, data, command, Map.of())) {
            return server.untilReady();
        }
    }

    private static ServerProcess launch(
            Workplace workplace, String data, List<String> command, Map<String, String> environment)
            throws IOException {
        var output = Files.createTempFile(workplace.folder(), "server", ".log");
        var folder = workplace.folder().resolve(data);
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        // What is measured is the server as shipped, not as the shell that starts a bench would have it.
        builder.environment().keySet().removeIf(name -> name.startsWith("PGANALYTICS_"));
        builder.environment().putAll(SETTINGS);
        builder.environment().put("PGANALYTICS_DATA_DIR", folder.toString());
        builder.environment().putAll(environment);
        return new ServerProcess(workplace, workplace.keep(builder.start()), folder, output);
    }

    private double untilReady() throws IOException, InterruptedException {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < START_LIMIT_NANOS && process.isAlive()) {
            if (isReady()) {
                return (System.nanoTime() - begun) / 1e9;
            }
            Thread.sleep(POLL_MILLIS);
        }
        throw new IOException("the server is not ready; it says: " + Files.readString(output));
    }

    private boolean isReady() {
        try {
            ports = new JsonObject(Files.readString(data.resolve("ports.json")));
            if (ports.getLong("pid", -1L) != process.pid()) {
                return false;
            }
            var url = URI.create("http://127.0.0.1:%d/health/ready".formatted(port("management")))
                    .toURL();
            return ((HttpURLConnection) url.openConnection()).getResponseCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    int port(String door) {
        return ports.getInteger(door);
    }

    /** What another server is told to use this one's database. */
    Map<String, String> itsDatabase() {
        return Map.of(
                DATABASE_URL,
                ports.getString("database_url"),
                "PGANALYTICS_DATABASE_PASSFILE",
                ports.getString("database_passfile"));
    }

    Psql psql() {
        return new Psql(ports.getString("database_url"), Path.of(ports.getString("database_passfile")));
    }

    /** That of the first start. */
    String adminToken() throws IOException {
        return Files.readAllLines(output).stream()
                .filter(line -> line.startsWith("admin token"))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }

    long pid() {
        return process.pid();
    }

    double cpuSeconds() {
        return Cores.cpuSeconds(pid());
    }

    double databaseCpuSeconds() {
        return Cores.cpuSecondsOfFamily(databasePid);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        workplace.stopServer(process, data);
    }
}
