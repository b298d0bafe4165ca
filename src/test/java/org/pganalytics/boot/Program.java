package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.house.TestFolders;

/** The program as a person starts it: a process of its own, on random ports, with a data folder of the test's. */
final class Program implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final Path data;
    private final Path output;

    private Program(Process process, Path data, Path output) {
        this.process = process;
        this.data = data;
        this.output = output;
    }

    /** Starts a command; its standard output and error go to a file beside the data folder. */
    static Program start(Path data, Map<String, String> environment, String... arguments) throws IOException {
        return start(command(arguments), data, environment);
    }

    /** The same by way of the launcher, with its options for Java. */
    static Program launch(Path data, Map<String, String> environment, String... arguments) throws IOException {
        var command =
                new ArrayList<>(List.of(Path.of("pganalytics").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return start(command, data, environment);
    }

    /** The same as the leader of a process group of its own, which a signal to {@code -pid} reaches as a whole. */
    static Program startGroup(Path data, Map<String, String> environment, String... arguments) throws IOException {
        var command = command(arguments);
        // A shell has what it starts behind its back ignore SIGINT, and so would all of us that it started there.
        command.addAll(0, List.of("env", "--default-signal=INT", "setsid"));
        return start(command, data, environment);
    }

    /** A server whose embedded database has a disk of its own, of this size such as {@code 400m}; for root only. */
    static Program startOnDisk(Path data, String size, Map<String, String> environment) throws IOException {
        var disk = Files.createDirectories(data.resolve("postgres"));
        var command = command("serve");
        var mount = "mount -t tmpfs -o mode=700,size=%s tmpfs \"$0\" && exec \"$@\"".formatted(size);
        command.addAll(0, List.of("unshare", "--mount", "sh", "-c", mount, disk.toString()));
        return start(command, data, environment);
    }

    /** The same by a command of one's own, such as another version. */
    static Program start(List<String> command, Path data, Map<String, String> environment) throws IOException {
        var output = Files.createTempFile(data.toAbsolutePath().getParent(), "output", ".log");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("PGANALYTICS_DATA_DIR", data.toString());
        builder.environment().put("PGANALYTICS_TCP_PORT", "0");
        builder.environment().put("PGANALYTICS_HTTP_PORT", "0");
        builder.environment().put("PGANALYTICS_MANAGEMENT_PORT", "0");
        builder.environment().putAll(environment);
        return new Program(builder.start(), data, output);
    }

    static List<String> command(String... arguments) {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-XX:MaxDirectMemorySize=384m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.pganalytics.boot.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    Program untilReady() {
        Awaitility.await("ready; the output is in " + output)
                .atMost(START_MAX)
                .pollInterval(Duration.ofMillis(200))
                .failFast("the process has ended; see " + output, () -> !process.isAlive())
                .until(() -> status("/health/ready") == 200);
        return this;
    }

    /** The status of a management address, or 0 while nothing answers. */
    int status(String path) {
        try {
            return HTTP.send(request(path, Duration.ofSeconds(5)), BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException | IllegalStateException away) {
            return 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String get(String path) throws IOException, InterruptedException {
        return HTTP.send(request(path, Duration.ofSeconds(30)), BodyHandlers.ofString())
                .body();
    }

    private HttpRequest request(String path, Duration limit) {
        var uri = URI.create("http://127.0.0.1:" + port("management") + path);
        return HttpRequest.newBuilder(uri).timeout(limit).build();
    }

    /** A data folder that is not there yet, in a folder of its own. */
    static Path folder(String name) throws IOException {
        return TestFolders.make(name).resolve("data");
    }

    /** A connection to this server's embedded database, as its superuser. */
    Connection database() throws SQLException {
        return address().dataSource(Duration.ofSeconds(20)).getConnection();
    }

    /** Where that database is, and its superuser. */
    DatabaseAddress address() {
        var ports = ports();
        return DatabaseAddress.parse(ports.getString("database_url"))
                .withPassfile(Path.of(ports.getString("database_passfile")));
    }

    /** The first column of the first row, as a number; asks the embedded database. */
    long number(String sql) throws SQLException {
        try (var connection = database();
                var statement = connection.createStatement();
                var result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    /** The last line of the output that is a JSON object. */
    JsonObject json() throws IOException {
        return output().lines()
                .filter(line -> line.startsWith("{"))
                .reduce((first, last) -> last)
                .map(JsonObject::new)
                .orElseThrow(() -> new IllegalStateException("no JSON object; see " + output));
    }

    /** The sum of a counter over all its labels. */
    double metric(String name) throws IOException, InterruptedException {
        return get("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    JsonObject ports() {
        return new PortsFile(data)
                .read()
                .filter(ports -> ports.getLong("pid") == process.pid())
                .orElseThrow(() -> new IllegalStateException("no ports.json of this process yet"));
    }

    int port(String door) {
        return ports().getInteger(door);
    }

    void signal(String name) throws IOException, InterruptedException {
        signal(process.pid(), name);
    }

    static void signal(long pid, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "--", Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** @return the exit code */
    int waitFor(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("still running after " + limit + "; the output is in " + output);
        }
        return process.exitValue();
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** The lines of its log that say that something is not as it should be, without time and target, and how many. */
    Map<String, Long> warnings() throws IOException {
        return output().lines()
                .filter(line -> line.matches(".*(WARN|ERROR).*"))
                .map(line -> line.replaceFirst("^\\S+ ", "").replaceAll("target-\\d+", "target"))
                .collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
    }

    Path data() {
        return data;
    }

    Process process() {
        return process;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (process.isAlive()) {
            signal("CONT");
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
