package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.IO;
import com.typesafe.config.ConfigException.Parse;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lays a user's file and the environment over the defaults, and tells the keys that the defaults do not know. */
final class Layers {
    private final Config defaults;
    private final String environmentPrefix;

    /** @param resource the defaults, on the class path; @param environmentPrefix such as {@code PGANALYTICS_} */
    Layers(String resource, String environmentPrefix) {
        URL url = Layers.class.getResource("/" + resource);
        this.defaults = ConfigFactory.parseURL(url).resolve();
        this.environmentPrefix = environmentPrefix;
    }

    Config defaults() {
        return defaults;
    }

    /** @param file may be null: then the defaults and the environment are all there is */
    Config over(Path file, Map<String, String> environment, Problems problems) {
        var user = file == null ? ConfigFactory.empty() : parse(file, problems);
        rejectUnknown(user, problems);
        return environment(environment)
                .withFallback(user)
                .withFallback(defaults)
                .resolve();
    }

    /** The environment variable that sets this key. */
    String variable(String key) {
        return environmentPrefix
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static Config parse(Path file, Problems problems) {
        var options = ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false);
        try {
            return ConfigFactory.parseFile(file.toFile(), options);
        } catch (IO missing) {
            var origin = ConfigOriginFactory.newSimple(file.toString());
            problems.add(origin, "(file)", "no file that can be read", "a HOCON file");
        } catch (Parse wrong) {
            problems.add(wrong.origin(), "(syntax)", wrong.getMessage(), "HOCON");
        }
        return ConfigFactory.empty();
    }

    private Config environment(Map<String, String> environment) {
        var config = ConfigFactory.empty();
        for (var key : keys()) {
            var variable = variable(key);
            var value = environment.get(variable);
            if (value != null) {
                var origin = ConfigOriginFactory.newSimple("environment variable " + variable);
                config = config.withValue(
                        key, ConfigValueFactory.fromAnyRef(value).withOrigin(origin));
            }
        }
        return config;
    }

    private List<String> keys() {
        return defaults.entrySet().stream().map(Map.Entry::getKey).sorted().toList();
    }

    private void rejectUnknown(Config user, Problems problems) {
        for (var entry : user.entrySet()) {
            if (!isKnown(entry.getKey())) {
                problems.add(entry.getValue().origin(), entry.getKey(), "an unknown key", known(entry.getKey()));
            }
        }
    }

    private boolean isKnown(String key) {
        return defaults.hasPathOrNull(key)
                && defaults.root().unwrapped() != null
                && !(defaults.getValue(key) instanceof com.typesafe.config.ConfigObject);
    }

    private String known(String key) {
        var path = ConfigUtil.splitPath(key);
        for (int depth = path.size() - 1; depth > 0; depth--) {
            var parent = ConfigUtil.joinPath(path.subList(0, depth));
            if (defaults.hasPath(parent)
                    && defaults.getValue(parent) instanceof com.typesafe.config.ConfigObject found) {
                return "one of " + parent + "."
                        + List.copyOf(found.keySet().stream().sorted().toList());
            }
        }
        return "one of " + defaults.root().keySet().stream().sorted().toList();
    }
}
