package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.IO;
import com.typesafe.config.ConfigException.Parse;
import com.typesafe.config.ConfigException.UnresolvedSubstitution;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

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
        var said = environment(environment);
        var user = file == null ? ConfigFactory.empty() : parse(file, problems);
        user = resolved(user, said.withFallback(user).withFallback(defaults), problems);
        return said.withFallback(known("", user.root(), defaults.root(), problems))
                .withFallback(defaults)
                .resolve();
    }

    private static Config resolved(Config user, Config all, Problems problems) {
        try {
            return user.resolveWith(all);
        } catch (UnresolvedSubstitution nowhere) {
            problems.add(
                    nowhere.origin(), "(syntax)", nowhere.getMessage(), "a reference to a key or variable that is set");
            return ConfigFactory.empty();
        }
    }

    /** The environment variable that sets this key. */
    String variable(String key) {
        return environmentPrefix
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    static Config parse(Path file, Problems problems) {
        var options = ConfigParseOptions.defaults()
                .setSyntax(ConfigSyntax.CONF)
                .setAllowMissing(false)
                .setIncluder(new StrictIncluder());
        try {
            return ConfigFactory.parseFile(file.toFile(), options);
        } catch (IO missing) {
            var origin = ConfigOriginFactory.newSimple(file.toString());
            if (Files.isReadable(file)) {
                problems.add(origin, "(include)", missing.getMessage(), "files that can be read");
            } else {
                problems.add(origin, "(file)", "no file that can be read", "a HOCON file");
            }
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

    /** All that can be set, in order. */
    List<String> keys() {
        return defaults.entrySet().stream().map(Map.Entry::getKey).sorted().toList();
    }

    /** What the defaults know of it; anything else is a problem, and left out. */
    static ConfigObject known(String path, ConfigObject user, ConfigObject known, Problems problems) {
        var kept = user;
        for (var key : user.keySet()) {
            var value = user.get(key);
            var full = path + ConfigUtil.joinPath(key);
            if (!known.containsKey(key)) {
                problems.add(value.origin(), full, "an unknown key", "one of " + names(path, known));
                kept = kept.withoutKey(key);
            } else if (known.get(key) instanceof ConfigObject section) {
                if (value instanceof ConfigObject inner) {
                    kept = kept.withValue(key, known(full + ".", inner, section, problems));
                } else {
                    problems.add(
                            value.origin(), full, "a " + lower(value.valueType().name()), "a section { … }");
                    kept = kept.withoutKey(key);
                }
            }
        }
        return kept;
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static String names(String path, ConfigObject known) {
        return path + List.copyOf(new TreeSet<>(known.keySet()));
    }
}
