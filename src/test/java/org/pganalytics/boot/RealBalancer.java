package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.pganalytics.tls.TestCertificate;

/** Debian's HAProxy or nginx with a file that we ship, in which nothing but what is there to be edited was edited. */
final class RealBalancer implements AutoCloseable {
    private static final String HAPROXY = "/usr/sbin/haproxy";
    private static final String NGINX = "/usr/sbin/nginx";
    private static final Path STREAM_MODULE = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

    private final Process process;
    private final Path output;
    private final int tcpPort;
    private final int httpPort;

    private RealBalancer(Process process, Path output, int tcpPort, int httpPort) {
        this.process = process;
        this.output = output;
        this.tcpPort = tcpPort;
        this.httpPort = httpPort;
    }

    /** Skips what needs it where it is missing. */
    private static void assumeHaproxy() {
        assumeTrue(
                Files.isExecutable(Path.of(HAPROXY)),
                "there is no " + HAPROXY + "; on Debian: apt-get install haproxy");
    }

    /** Skips what needs it where it is missing, or may not be started as its file wants it. */
    private static void assumeNginx() {
        assumeTrue(
                Files.isExecutable(Path.of(NGINX)) && Files.exists(STREAM_MODULE),
                "there is no " + NGINX + " with streams; on Debian: apt-get install nginx libnginx-mod-stream");
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may start nginx with a user of its own");
    }

    /** @param pem certificate and key, for a file that ends TLS; else null */
    static RealBalancer haproxy(String file, ThreeServers servers, Path pem) throws Exception {
        assumeHaproxy();
        int tcp = freePort();
        int http = freePort();
        var environment = new HashMap<>(Map.of(
                "PGA_BIND_TCP",
                "127.0.0.1:" + tcp,
                "PGA_BIND_HTTP",
                "127.0.0.1:" + http,
                "PGA_CONNECTIONS",
                "2000",
                "PGA_USER",
                System.getProperty("user.name")));
        if (pem != null) {
            environment.put("PGA_CERTIFICATE", pem.toString());
        }
        for (int number = 1; number <= 3; number++) {
            var server = servers.all().get(number - 1);
            environment.put("PGA_TCP_" + number, "127.0.0.1:" + server.port("tcp"));
            environment.put("PGA_HTTP_" + number, "127.0.0.1:" + server.port("http"));
            environment.put("PGA_HEALTH_" + number, "127.0.0.1:" + server.port("management"));
        }
        var folder = Program.folder("haproxy").getParent();
        var config = Path.of("haproxy", file).toString();
        check(environment, folder, List.of(HAPROXY, "-c", "-f", config));
        return start(environment, folder, List.of(HAPROXY, "-db", "-f", config), tcp, http);
    }

    /** @param certificate for a file that ends TLS; else null */
    static RealBalancer nginx(String file, ThreeServers servers, TestCertificate certificate) throws Exception {
        assumeNginx();
        int tcp = freePort();
        int http = freePort();
        var folder = Program.folder("nginx").getParent();
        var edits = new HashMap<>(Map.of(
                "/run/nginx.pid",
                folder.resolve("nginx.pid").toString(),
                "/var/log/nginx/error.log",
                folder.resolve("error.log").toString(),
                "0.0.0.0:7431",
                "127.0.0.1:" + tcp,
                "0.0.0.0:443",
                "127.0.0.1:" + http));
        if (certificate != null) {
            edits.put("/etc/nginx/pganalytics.crt", certificate.certificate().toString());
            edits.put("/etc/nginx/pganalytics.key", certificate.key().toString());
        }
        for (int number = 1; number <= 3; number++) {
            var server = servers.all().get(number - 1);
            edits.put("10.0.0.1" + number + ":7431", "127.0.0.1:" + server.port("tcp"));
            edits.put("10.0.0.1" + number + ":8080", "127.0.0.1:" + server.port("http"));
        }
        var config = Files.write(
                folder.resolve("nginx.conf"),
                Files.readAllLines(Path.of("nginx", file)).stream()
                        .map(line -> edited(line, edits))
                        .toList());
        var command = List.of(NGINX, "-c", config.toString(), "-e", "stderr");
        check(Map.of(), folder, with(command, "-t"));
        return start(Map.of(), folder, with(command, "-g", "daemon off;"), tcp, http);
    }

    private static List<String> with(List<String> command, String... more) {
        return Stream.concat(command.stream(), Stream.of(more)).toList();
    }

    /** Only where the file says so. */
    private static String edited(String line, Map<String, String> edits) {
        if (!line.endsWith("# edit")) {
            return line;
        }
        var edit = edits.keySet().stream().filter(line::contains).findFirst().orElseThrow();
        return line.replace(edit, edits.get(edit));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static ProcessBuilder builder(Map<String, String> environment, Path output, List<String> command) {
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    /** Nothing in it may even be doubtful. */
    private static void check(Map<String, String> environment, Path folder, List<String> command) throws Exception {
        var output = folder.resolve("check.log");
        int code = builder(environment, output, command).start().waitFor();
        var said = Files.readString(output);
        assertEquals(0, code, said);
        assertEquals(-1, said.toLowerCase(Locale.ROOT).indexOf("warn"), said);
    }

    private static RealBalancer start(
            Map<String, String> environment, Path folder, List<String> command, int tcp, int http) throws Exception {
        var output = folder.resolve("balancer.log");
        var process = builder(environment, output, command).start();
        var started = new RealBalancer(process, output, tcp, http);
        try {
            started.awaitOpen(tcp);
            started.awaitOpen(http);
            return started;
        } catch (RuntimeException failed) {
            started.close();
            throw failed;
        }
    }

    private void awaitOpen(int port) {
        Awaitility.await("it listens; the output is in " + output)
                .atMost(Duration.ofSeconds(10))
                .failFast("it has ended; see " + output, () -> !process.isAlive())
                .until(() -> isOpen(port));
    }

    private static boolean isOpen(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    int tcpPort() {
        return tcpPort;
    }

    int httpPort() {
        return httpPort;
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    /** Workers outlive a master that is killed, so they go with it. */
    @Override
    public void close() throws Exception {
        var workers = process.descendants().toList();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            workers.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }
}
