package org.pganalytics.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What a signed-in collector that sends nothing costs in resident memory, as the operating system sees it: the server's
 * before and after many have come, each time after a full collection of its garbage.
 */
final class IdleMemory {
    /** So that what is counted is not what keeping it alive takes. */
    private static final Map<String, String> IDLE = Map.of("PGANALYTICS_TCP_IDLE_TIME", "1h");

    /** Opened and closed before the first look, so that what is loaded once is there. */
    private static final int WARMING = 50;

    private final Workplace workplace;
    private final Cores cores;
    private final int sessions;
    private final List<NativeSession.Identity> identities = new ArrayList<>();

    IdleMemory(Workplace workplace, Cores cores, int sessions) {
        this.workplace = workplace;
        this.cores = cores;
        this.sessions = sessions;
    }

    /** Every turn on a server of its own, started on the database that the one before has left. */
    List<Measurement> measure(int turns, String data)
            throws IOException, InterruptedException, GeneralSecurityException {
        var tls = tls();
        List<Double> plain = new ArrayList<>();
        List<Double> encrypted = new ArrayList<>();
        for (int turn = 0; turn < turns; turn++) {
            plain.add(kibEach(data, Map.of(), SocketFactory.getDefault()));
            encrypted.add(kibEach(data, tls, trusting(Path.of(tls.get("PGANALYTICS_TCP_TLS_CERTIFICATE")))));
        }
        return List.of(Measurement.of(Goal.IDLE_KIB, plain), Measurement.of(Goal.IDLE_TLS_KIB, encrypted));
    }

    /** The server's resident memory as plain connections come. */
    Plot curve(int steps, String data) throws IOException, InterruptedException {
        var points = new ArrayList<Plot.Point>();
        try (var server = ServerProcess.start(workplace, data, cores, IDLE)) {
            var open = new ArrayList<NativeSession>();
            try {
                for (int step = 0; step <= steps; step++) {
                    points.add(new Plot.Point(open.size(), settledKib(server) / 1_024));
                    open(server, SocketFactory.getDefault(), sessions / steps, open);
                }
            } finally {
                close(open);
            }
        }
        return new Plot("Memory against connections", "idle collectors", "resident, MiB", points);
    }

    private double kibEach(String data, Map<String, String> settings, SocketFactory sockets)
            throws IOException, InterruptedException {
        var environment = new HashMap<>(settings);
        environment.putAll(IDLE);
        try (var server = ServerProcess.start(workplace, data, cores, environment)) {
            var open = new ArrayList<NativeSession>();
            try {
                open(server, sockets, WARMING, open);
                close(open);
                double before = settledKib(server);
                open(server, sockets, sessions, open);
                return (settledKib(server) - before) / sessions;
            } finally {
                close(open);
            }
        }
    }

    /** Registers the collectors, which takes the server long; later they sign in as after any end of a connection. */
    void register(ServerProcess server) throws IOException {
        for (int each = 0; each < sessions; each++) {
            var socket = new Socket(InetAddress.getLoopbackAddress(), server.port("tcp"));
            try (var session = NativeSession.registered(socket, "idle-" + each)) {
                identities.add(session.identity());
            }
        }
    }

    /** More of those who have registered. */
    private void open(ServerProcess server, SocketFactory sockets, int count, List<NativeSession> open)
            throws IOException {
        for (int each = 0; each < count && open.size() < sessions; each++) {
            var socket = sockets.createSocket(InetAddress.getLoopbackAddress(), server.port("tcp"));
            open.add(NativeSession.known(socket, identities.get(open.size())));
        }
    }

    private static void close(List<NativeSession> open) throws IOException {
        for (var session : open) {
            session.close();
        }
        open.clear();
    }

    /** Twice, since the first collection frees what the second one gives back. */
    private static double settledKib(ServerProcess server) throws IOException, InterruptedException {
        for (int time = 0; time < 2; time++) {
            Commands.run(Commands.ofJava("jcmd"), Long.toString(server.pid()), "GC.run");
        }
        return Cores.residentKib(server.pid());
    }

    private Map<String, String> tls() throws IOException, InterruptedException {
        var key = workplace.folder().resolve("tls.key").toString();
        var certificate = workplace.folder().resolve("tls.crt").toString();
        Commands.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-keyout",
                key,
                "-out",
                certificate);
        return Map.of(
                "PGANALYTICS_TCP_TLS_MODE", "on",
                "PGANALYTICS_TCP_TLS_KEY", key,
                "PGANALYTICS_TCP_TLS_CERTIFICATE", certificate);
    }

    private static SocketFactory trusting(Path certificate) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var file = Files.newInputStream(certificate)) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
