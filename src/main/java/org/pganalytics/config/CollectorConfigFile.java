package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.pganalytics.collector.BatchConfig;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.LinkConfig;
import org.pganalytics.collector.ServerConfig;
import org.pganalytics.collector.SpoolConfig;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.collector.TargetTlsConfig;

/** Reads {@code collector.conf}, with the environment over it and the collector's defaults below it. */
public final class CollectorConfigFile {
    private static final Layers LAYERS = new Layers("collector-reference.conf", "PGANALYTICS_");
    private static final Config SERVER_DEFAULTS = ConfigFactory.parseString("""
            host = "127.0.0.1", tcp-port = 7431, http-port = 8080, tls = false, certificates = "", verify-host = true
            """);
    private static final Config TARGET_DEFAULTS = ConfigFactory.parseString("""
            name = "", host = "127.0.0.1", port = 5432, user = "", password = "", password-file = ""
            database = "postgres", databases = [], sslmode = "prefer", certificates = ""
            client-certificate = "", client-key = "", connections-max = 2
            statement-timeout = 10s, lock-timeout = 500ms, intervals = {}, skip = []
            """);

    private final Problems problems = new Problems();
    private final Section root;
    private final Config config;

    static Layers layers() {
        return LAYERS;
    }

    private CollectorConfigFile(Function<Problems, Config> lay) {
        this.config = lay.apply(problems);
        this.root = new Section(config, LAYERS.defaults(), "", problems);
    }

    /** @throws ConfigException with everything that is wrong */
    public static CollectorConfig load(Path file, Map<String, String> environment) {
        return new CollectorConfigFile(problems -> LAYERS.over(file, environment, problems)).read();
    }

    /** A configuration that stands in no file. @param hocon what differs from the defaults */
    public static CollectorConfig of(String hocon) {
        return new CollectorConfigFile(problems -> ConfigFactory.parseString(hocon)
                        .withFallback(LAYERS.defaults())
                        .resolve())
                .read();
    }

    private CollectorConfig read() {
        var given = new HashMap<String, Object>();
        given.put("name", root.text("name").isEmpty() ? machineName() : root.text("name"));
        given.put("stateDir", root.section("state").path("dir"));
        given.put("registrationSecret", root.section("registration").secret("secret"));
        given.put("servers", servers());
        given.put("targets", targets());
        given.put("batch", bind(BatchConfig.class, "batch"));
        given.put("spool", bind(SpoolConfig.class, "spool"));
        given.put("link", bind(LinkConfig.class, "link"));
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
        for (var element : elements("servers", SERVER_DEFAULTS)) {
            servers.add(Binder.bind(ServerConfig.class, element, Map.of()));
        }
        return servers;
    }

    private List<TargetConfig> targets() {
        var targets = new ArrayList<TargetConfig>();
        for (var element : elements("targets", TARGET_DEFAULTS)) {
            var given = Map.of(
                    "tls", Binder.bind(TargetTlsConfig.class, element, Map.of()),
                    "intervals", element.durations("intervals"),
                    "skip", Set.copyOf(element.texts("skip")));
            targets.add(Binder.bind(TargetConfig.class, element, given));
        }
        return targets;
    }

    private List<Section> elements(String key, Config defaults) {
        var sections = new ArrayList<Section>();
        for (var value : list(key)) {
            if (value instanceof ConfigObject element) {
                for (var name : element.keySet()) {
                    if (!defaults.root().containsKey(name)) {
                        var known = defaults.root().keySet().stream().sorted().toList();
                        problems.add(element.get(name).origin(), key + "." + name, "an unknown key", "one of " + known);
                    }
                }
                sections.add(new Section(element.toConfig().withFallback(defaults), defaults, "", problems));
            } else {
                problems.add(value.origin(), key, value.render(), "objects in { }");
            }
        }
        return sections;
    }

    /** A list of objects; from the environment it comes as one text in HOCON. */
    private List<? extends com.typesafe.config.ConfigValue> list(String key) {
        var value = config.getValue(key);
        if (value.valueType() == ConfigValueType.STRING) {
            var text = (String) value.unwrapped();
            try {
                return ConfigFactory.parseString(key + " = " + text).getList(key);
            } catch (com.typesafe.config.ConfigException wrong) {
                problems.add(value.origin(), key, "no list in HOCON", "a list such as [ { host = \"a\" } ]");
                return List.of();
            }
        }
        if (value.valueType() != ConfigValueType.LIST) {
            problems.add(value.origin(), key, value.valueType().toString(), "a list of objects");
            return List.of();
        }
        return config.getList(key);
    }

    private static String machineName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "collector";
        }
    }
}
