package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pganalytics.admission.AdmissionConfig;
import org.pganalytics.admission.RegistrationConfig;
import org.pganalytics.admission.V3TokensConfig;
import org.pganalytics.alert.AlertConfig;
import org.pganalytics.audit.AuditConfig;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.RedisConfig;
import org.pganalytics.cluster.SpreadConfig;
import org.pganalytics.database.DatabaseConfig;
import org.pganalytics.database.EmbeddedPostgresConfig;
import org.pganalytics.database.ReplicaConfig;
import org.pganalytics.fault.Span;
import org.pganalytics.fleet.FleetConfig;
import org.pganalytics.http.ApiConfig;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.tcp.TcpConfig;
import org.pganalytics.ingest.v3.V3Config;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.ops.ManagementConfig;
import org.pganalytics.query.QueryConfig;
import org.pganalytics.storage.StorageConfig;
import org.pganalytics.storage.series.SeriesConfig;
import org.pganalytics.storage.tables.RollUpConfig;
import org.pganalytics.storage.tables.TablesConfig;
import org.pganalytics.tls.CertificatesConfig;
import org.pganalytics.tls.TlsConfig;

/** Reads {@code pganalytics.conf}, with the environment over it and {@code reference.conf} below it. */
public final class ServerConfigFile {
    private static final Duration SHUTDOWN_MIN = Duration.ofSeconds(1);
    private static final Duration SHUTDOWN_MAX = Duration.ofMinutes(10);

    private final Problems problems = new Problems();
    private final Config config;
    private final Section root;

    private ServerConfigFile(Layers layers, Path file, Map<String, String> environment) {
        this.config = layers.over(file, environment, problems);
        this.root = new Section(config, layers.defaults(), "", problems);
    }

    /**
     * @param file may be null: then the defaults and the environment are all there is
     * @throws ConfigException with everything that is wrong
     */
    public static ServerConfig load(Path file, Map<String, String> environment) {
        return new ServerConfigFile(layers(), file, environment).read();
    }

    /** Text when what is said there is wrong; {@link #load} then says so. @param file may be null */
    public static LogFormat logFormat(Path file, Map<String, String> environment) {
        return new ServerConfigFile(layers(), file, environment).logFormat();
    }

    private LogFormat logFormat() {
        return root.section("log").choice("format", LogFormat.class);
    }

    static Layers layers() {
        return new Layers("reference.conf", "PGANALYTICS_");
    }

    private ServerConfig read() {
        logFormat();
        var data = root.section("data").path("dir");
        var read = new ServerConfig(
                data == null ? Path.of("data") : data,
                root.section("log").choice("level", ServerConfig.LogLevel.class),
                eventLoops(),
                shutdownWithin(),
                bind(RegistrationConfig.class, "registration"),
                database(data),
                cluster(),
                bind(RedisConfig.class, "redis"),
                bind(IngestConfig.class, "ingest"),
                bind(TcpConfig.class, "tcp"),
                listener("tcp"),
                proxies("tcp"),
                bind(HttpConfig.class, "http"),
                listener("http"),
                proxies("http"),
                bind(ApiConfig.class, "api"),
                bind(QueryConfig.class, "query"),
                bind(ManagementConfig.class, "management"),
                managementListener(),
                bind(CertificatesConfig.class, "tls"),
                bind(AdmissionConfig.class, "admission"),
                bind(V3TokensConfig.class, "v3"),
                bind(V3Config.class, "v3"),
                bind(StorageConfig.class, "storage"),
                bind(TablesConfig.class, "tables"),
                bind(SeriesConfig.class, "series"),
                bind(RollUpConfig.class, "roll-up"),
                bind(FleetConfig.class, "fleet"),
                audit(),
                bind(AlertConfig.class, "alert"),
                families(root.section("families").path("dir")),
                settings());
        sectionsFitEachOther(read);
        problems.throwIfAny();
        return read;
    }

    private void sectionsFitEachOther(ServerConfig read) {
        ringHoldsTheWindowTwice(read);
        onePushFits(read);
        aHeldPushIsNotIdle(read);
        whoAsksForCertificatesTrustsSomebody(read);
    }

    private <R extends Record> R bind(Class<R> type, String section) {
        return Binder.bind(type, root.section(section), Map.of());
    }

    private DatabaseConfig database(Path data) {
        var section = root.section("database");
        var folder = Map.of("folder", (data == null ? Path.of("data") : data).resolve("postgres"));
        var embedded = Binder.bind(EmbeddedPostgresConfig.class, section.section("embedded"), folder);
        var replicas = Binder.bind(ReplicaConfig.class, section.section("replicas"), Map.of());
        return Binder.bind(DatabaseConfig.class, section, Map.of("embedded", embedded, "replicas", replicas));
    }

    /** The files are read by the audit, which says what to do about one that is missing; the other one need not be there. */
    private AuditConfig audit() {
        var section = root.section("audit");
        var files = new HashMap<String, Path>();
        files.put("keyFile", section.path("key-file"));
        files.put("checkpointFile", section.path("checkpoint-file"));
        return Binder.bind(AuditConfig.class, section, files);
    }

    private ClusterConfig cluster() {
        var section = root.section("cluster");
        var spread = Binder.bind(SpreadConfig.class, section.section("spread"), Map.of());
        return Binder.bind(ClusterConfig.class, section, Map.of("spread", spread));
    }

    /** No collector goes there. The keys are there, so that a file may say tls = ${tcp.tls}. */
    private TlsConfig managementListener() {
        var tls = listener("management");
        if (tls.clientAuth() != TlsConfig.ClientAuth.NONE) {
            root.section("management")
                    .section("tls")
                    .wrong("client-auth", "none: the management listener asks nobody for a certificate");
        }
        return tls;
    }

    private TlsConfig listener(String door) {
        var section = root.section(door);
        var tls = Binder.bind(TlsConfig.class, section.section("tls"), Map.of());
        tls.problemWith(door + ".host", section.text("host")).ifPresent(rule -> section.wrong("host", rule));
        return tls;
    }

    private ProxyConfig proxies(String door) {
        return Binder.bind(ProxyConfig.class, root.section(door).section("proxy-protocol"), Map.of());
    }

    /** Else a batch sent again could be too old to be told from a conflict. */
    private void ringHoldsTheWindowTwice(ServerConfig read) {
        int ring = read.storage().digestRing();
        int window = read.tcp().window();
        if (ring >= 2 * window) {
            return;
        }
        if (window == root.section("tcp").ofDefaults().integer("window")) {
            root.section("storage")
                    .wrong("digest-ring", "at least twice tcp.window (%d): %d".formatted(window, 2 * window));
        } else {
            root.section("tcp")
                    .wrong("window", "at most half of storage.digest-ring (%d): %d".formatted(ring, ring / 2));
        }
    }

    /**
     * A body pushed over HTTP is held whole and unpacked, else it would be sent again for ever. JSON of version 3 is not: it
     * is stored while it comes.
     */
    private void onePushFits(ServerConfig read) {
        long inFlight = read.ingest().inFlightBytesMax();
        long unpacked = read.ingest().uncompressedBytesMax();
        long body = read.http().bodyBytesMax();
        if (inFlight >= body + unpacked) {
            return;
        }
        if (body == root.section("http").ofDefaults().bytes("body-bytes-max")) {
            root.section("ingest")
                    .wrong(
                            "in-flight-bytes-max",
                            "at least http.body-bytes-max (%d) and ingest.uncompressed-bytes-max (%d) together: %d"
                                    .formatted(body, unpacked, body + unpacked));
        } else {
            root.section("http")
                    .wrong(
                            "body-bytes-max",
                            "at most ingest.in-flight-bytes-max (%d) less ingest.uncompressed-bytes-max (%d): %d"
                                    .formatted(inFlight, unpacked, inFlight - unpacked));
        }
    }

    /** Else nobody could show a certificate that holds. */
    private void whoAsksForCertificatesTrustsSomebody(ServerConfig read) {
        requireAuthority("tcp", read.tcpTls(), read.certificates());
        requireAuthority("http", read.httpTls(), read.certificates());
    }

    /** What could not be read at all has been told already. */
    private void requireAuthority(String door, TlsConfig tls, CertificatesConfig certificates) {
        if (tls == null || certificates == null || certificates.ca() == null) {
            return;
        }
        if (tls.clientAuth() != TlsConfig.ClientAuth.NONE
                && !certificates.ca().isSet()
                && tls.clientAuthorities() == null) {
            root.section(door)
                    .section("tls")
                    .wrong(
                            "client-auth",
                            "none without an authority: set tls.ca.certificate and tls.ca.key (./pganalytics tls ca"
                                    + " create makes them), or client-authorities");
        }
    }

    /** Else the connection of a push that waits is closed as idle before the push is answered. */
    private void aHeldPushIsNotIdle(ServerConfig read) {
        var idle = read.http().idleTime();
        for (var wait : List.of("overload-wait", "retry-wait")) {
            var held = root.section("v3").duration(wait);
            if (held.compareTo(idle) < 0) {
                continue;
            }
            if (held.equals(root.section("v3").ofDefaults().duration(wait))) {
                root.section("http").wrong("idle-time", "longer than v3.%s (%s)".formatted(wait, Span.text(held)));
                return;
            }
            root.section("v3").wrong(wait, "shorter than http.idle-time (%s)".formatted(Span.text(idle)));
        }
    }

    private int eventLoops() {
        var section = root.section("server");
        int loops = section.integer("event-loops");
        if (loops < 0 || loops > 256) {
            section.wrong("event-loops", "0 (one a core) to 256");
        }
        return loops == 0 ? Runtime.getRuntime().availableProcessors() : loops;
    }

    private Duration shutdownWithin() {
        var section = root.section("shutdown");
        var within = section.duration("within");
        if (within.compareTo(SHUTDOWN_MIN) < 0 || within.compareTo(SHUTDOWN_MAX) > 0) {
            section.wrong("within", "a duration from 1s to 10m");
        }
        return within;
    }

    private List<MetricFamily> families(Path directory) {
        try {
            return FamilyFiles.load(HomeDirectory.resolve(directory == null ? "conf/families" : directory.toString()));
        } catch (ConfigException wrong) {
            problems.addAll(wrong.problems());
            return List.of();
        }
    }

    private Map<String, String> settings() {
        var settings = new TreeMap<String, String>();
        config.entrySet().forEach(entry -> settings.put(entry.getKey(), shown(entry)));
        return settings;
    }

    private String shown(Map.Entry<String, com.typesafe.config.ConfigValue> entry) {
        var value = entry.getValue().render(ConfigRenderOptions.concise());
        boolean secret =
                config.hasPath(entry.getKey() + "-file") || entry.getKey().equals("database.url");
        return secret ? "secret " + Integer.toHexString(value.hashCode()) : value;
    }
}
