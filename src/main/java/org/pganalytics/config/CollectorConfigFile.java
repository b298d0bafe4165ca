package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.pganalytics.collector.BatchConfig;
import org.pganalytics.collector.CertificateConfig;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.LinkConfig;
import org.pganalytics.collector.PullConfig;
import org.pganalytics.collector.ServerConfig;
import org.pganalytics.collector.SpoolConfig;

/** Reads {@code collector.conf}, with the environment over it and the collector's defaults below it. */
public final class CollectorConfigFile {
    private static final Layers LAYERS = new Layers("collector-reference.conf", "PGANALYTICS_");
    private static final Config SERVER_DEFAULTS = ConfigFactory.parseString("""
            host = "127.0.0.1", tcp-port = 7431, http-port = 8080, tls = false, certificates = "", verify-host = true
            """);
    private final Problems problems = new Problems();
    private final Section root;
    private final Elements elements;
    private final Map<String, String> environment;

    static Layers layers() {
        return LAYERS;
    }

    private CollectorConfigFile(Map<String, String> environment, Function<Problems, Config> lay) {
        this.environment = environment;
        var config = lay.apply(problems);
        this.root = new Section(config, LAYERS.defaults(), "", problems);
        this.elements = new Elements(config, problems);
    }

    /** @throws ConfigException with everything that is wrong */
    public static CollectorConfig load(Path file, Map<String, String> environment) {
        return new CollectorConfigFile(environment, problems -> LAYERS.over(file, environment, problems)).read();
    }

    /** Text when what is said there is wrong; {@link #load} then says so. @param file may be null */
    public static LogFormat logFormat(Path file, Map<String, String> environment) {
        return new CollectorConfigFile(environment, problems -> LAYERS.over(file, environment, problems)).logFormat();
    }

    private LogFormat logFormat() {
        return root.section("log").choice("format", LogFormat.class);
    }

    /** A configuration that stands in no file. @param hocon what differs from the defaults */
    public static CollectorConfig of(String hocon) {
        return new CollectorConfigFile(
                        Map.of(),
                        problems -> ConfigFactory.parseString(hocon)
                                .withFallback(LAYERS.defaults())
                                .resolve())
                .read();
    }

    private CollectorConfig read() {
        logFormat();
        var given = new HashMap<String, Object>();
        given.put("name", root.text("name").isEmpty() ? machineName() : root.text("name"));
        given.put("stateDir", root.section("state").path("dir"));
        given.put("registrationSecret", root.section("registration").secret("secret"));
        given.put("servers", servers());
        given.put(
                "targets",
                new TargetSections(environment, problems)
                        .read(elements.of("targets", TargetSections.DEFAULTS), root.path("targets-dir")));
        given.put("batch", bind(BatchConfig.class, "batch"));
        given.put("spool", bind(SpoolConfig.class, "spool"));
        given.put("link", bind(LinkConfig.class, "link"));
        given.put("certificate", bind(CertificateConfig.class, "certificate"));
        given.put("pull", Binder.bind(PullConfig.class, root, Map.of()));
        problems.throwIfAny();
        var read = Binder.bind(CollectorConfig.class, root, given);
        problems.throwIfAny();
        return read;
    }

    private <R extends Record> R bind(Class<R> type, String section) {
        return Binder.bind(type, root.section(section), Map.of());
    }

    private List<ServerConfig> servers() {
        var servers = new ArrayList<ServerConfig>();
        for (var element : elements.of("servers", SERVER_DEFAULTS)) {
            Optional.ofNullable(Binder.bind(ServerConfig.class, element, Map.of()))
                    .ifPresent(servers::add);
        }
        return servers;
    }

    private static String machineName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "collector";
        }
    }
}
