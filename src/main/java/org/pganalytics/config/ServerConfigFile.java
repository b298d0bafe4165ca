package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
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
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.fleet.FleetConfig;
import org.pganalytics.http.ApiConfig;
import org.pganalytics.identity.IdentityConfig;
import org.pganalytics.identity.federation.FederationConfig;
import org.pganalytics.identity.ldap.LdapConfig;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.tcp.TcpConfig;
import org.pganalytics.ingest.v3.V3Config;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.ops.ManagementConfig;
import org.pganalytics.query.QueryConfig;
import org.pganalytics.secrets.SecretsConfig;
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

    /** Secrets stand inside of them. */
    private static final Set<String> SECRET_TOO = Set.of("database.url", "identity.oidc.providers");

    private final Problems problems = new Problems();
    private final Config config;
    private final Section root;

    private ServerConfigFile(Layers layers, Path file, Map<String, String> environment) {
        this.config = layers.over(file, environment, problems);
        this.root = new Section(config, layers.defaults(), "", problems);
    }

    public static ServerConfig load(Path file, Map<String, String> environment) {
        return load(file, environment, read -> List.of());
    }

    /**
     * @param file may be null: then the defaults and the environment are all there is
     * @param further looks at what was read; for what is wrong in it the defaults stand in then
     * @throws ConfigException with everything that is wrong
     */
    public static ServerConfig load(
            Path file, Map<String, String> environment, Function<ServerConfig, List<WrongValueException>> further) {
        return new ServerConfigFile(layers(), file, environment).read(further);
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

    private ServerConfig read(Function<ServerConfig, List<WrongValueException>> further) {
        logFormat();
        var read = sections();
        look(read, further);
        problems.throwIfAny();
        return read;
    }

    private ServerConfig sections() {
        return new ServerConfig(
                data(),
                root.section("log").choice("level", ServerConfig.LogLevel.class),
                eventLoops(),
                shutdownWithin(),
                bind(RegistrationConfig.class, "registration"),
                database(),
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
                secrets(),
                bind(AlertConfig.class, "alert"),
                bind(IdentityConfig.class, "identity"),
                bind(LdapConfig.class, "identity.ldap"),
                bind(FederationConfig.class, "identity"),
                OidcSections.read(config, root.section("identity.oidc"), problems),
                families(root.section("families").path("dir")),
                settings());
    }

    /** Once: that a file is not there has been told already. */
    private void tell(WrongValueException wrong) {
        if (!problems.tell(wrong.setting())) {
            root.problem(wrong.setting(), wrong.found(), wrong.allowed());
        }
    }

    private void look(ServerConfig read, Function<ServerConfig, List<WrongValueException>> further) {
        new SectionsTogether(root).check(read);
        further.apply(read).forEach(this::tell);
    }

    private <R extends Record> R bind(Class<R> type, String section) {
        return Binder.bind(type, root.section(section), Map.of());
    }

    private Path data() {
        var data = root.section("data").path("dir");
        return data == null ? Path.of("data") : data;
    }

    private DatabaseConfig database() {
        var section = root.section("database");
        var folder = Map.of("folder", data().resolve("postgres"));
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

    private SecretsConfig secrets() {
        var section = root.section("secrets");
        var file = new HashMap<String, Path>();
        file.put("keysFile", section.path("keys-file"));
        return Binder.bind(SecretsConfig.class, section, file);
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
        if (!problems.tell(door + ".host")) {
            tls.problemWith(door, section.text("host")).ifPresent(rule -> section.wrong("host", rule));
        }
        return tls;
    }

    private ProxyConfig proxies(String door) {
        return Binder.bind(ProxyConfig.class, root.section(door).section("proxy-protocol"), Map.of());
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
        boolean secret = config.hasPath(entry.getKey() + "-file") || SECRET_TOO.contains(entry.getKey());
        return secret ? "secret " + Integer.toHexString(value.hashCode()) : value;
    }
}
