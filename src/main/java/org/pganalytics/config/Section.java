package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.BadValue;
import com.typesafe.config.ConfigException.Null;
import com.typesafe.config.ConfigException.WrongType;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One section of a configuration, read key by key. What is wrong goes to the problems, and the default stands in for it,
 * so that reading goes on and finds the rest.
 */
final class Section {
    /** How the library calls defaults that were not read from a file or a resource. */
    private static final String OWN_TEXT = "String";

    /** With a password, maybe. */
    private static final String USER_IN_URL = "://[^/\"]*@";

    private static final int SHOWN_MAX = 200;
    private static final int SHOWN_OF_LONG = 60;

    private final Config config;
    private final Config defaults;
    private final String path;
    private final Problems problems;

    Section(Config config, Config defaults, String path, Problems problems) {
        this.config = config;
        this.defaults = defaults;
        this.path = path;
        this.problems = problems;
    }

    Section section(String key) {
        return new Section(config, defaults, full(key), problems);
    }

    /** The same keys, read from the defaults alone. */
    Section ofDefaults() {
        return new Section(defaults, defaults, path, new Problems());
    }

    int integer(String key) {
        return checked(key, from -> from.getInt(full(key)), "a whole number");
    }

    long whole(String key) {
        return checked(key, from -> from.getLong(full(key)), "a whole number");
    }

    double number(String key) {
        return checked(key, from -> from.getDouble(full(key)), "a number");
    }

    long bytes(String key) {
        return checked(key, from -> from.getBytes(full(key)), "a size in bytes such as 64KiB");
    }

    Duration duration(String key) {
        return checked(key, from -> from.getDuration(full(key)), "a duration such as 10s");
    }

    boolean flag(String key) {
        return checked(key, from -> from.getBoolean(full(key)), "true or false");
    }

    String text(String key) {
        return checked(key, from -> from.getString(full(key)), "a text");
    }

    List<String> texts(String key) {
        return checked(key, from -> list(from, full(key)), "a list of texts");
    }

    Map<String, Duration> durations(String key) {
        var durations = new TreeMap<String, Duration>();
        Function<Config, Map<String, Duration>> read = from -> {
            var section = from.getConfig(full(key));
            section.root()
                    .keySet()
                    .forEach(name -> durations.put(name, section.getDuration(ConfigUtil.joinPath(name))));
            return durations;
        };
        return Map.copyOf(checked(key, read, "durations by name such as { pg_locks = 5s }"));
    }

    <E extends Enum<E>> E choice(String key, Class<E> type) {
        var names = Arrays.stream(type.getEnumConstants()).map(Section::spelled).collect(Collectors.joining(", "));
        return checked(
                key,
                from -> constant(type, from.getString(full(key))),
                constant -> constant != null,
                "one of " + names);
    }

    /** A path, or null when the key holds an empty text. */
    Path path(String key) {
        return checked(
                key,
                from -> from.getString(full(key)).isBlank() ? null : Path.of(from.getString(full(key))),
                "a path, or \"\"");
    }

    /** A file that exists, or null when the key holds an empty text. */
    Path file(String key) {
        var file = path(key);
        if (file != null && !Files.isReadable(file)) {
            problem(key, file + ", which cannot be read", "a file that can be read, or \"\"");
        }
        return file;
    }

    /** A secret from the key itself or from the file that {@code <key>-file} names; empty when neither is set. */
    String secret(String key) {
        var said = text(key);
        var file = file(key + "-file");
        if (!said.isEmpty() && file != null) {
            problem(key, "both " + key + " and " + key + "-file", "one of them");
        }
        return file == null || !Files.isReadable(file) ? said : firstLine(key + "-file", file);
    }

    /** Tells a value wrong that could be read. */
    void wrong(String key, String allowed) {
        problem(key, shown(key), allowed);
    }

    void problem(String key, String found, String allowed) {
        problems.add(origin(value(key)), full(key), found, allowed);
    }

    /** Where it was said; what a text in our code said instead is told at the first line that a person wrote here. */
    private ConfigOrigin origin(ConfigValue value) {
        if (value == null || !value.origin().description().startsWith(OWN_TEXT)) {
            return value == null ? config.origin() : value.origin();
        }
        return config.root().values().stream()
                .map(ConfigValue::origin)
                .filter(origin -> origin.filename() != null)
                .min(Comparator.comparingInt(ConfigOrigin::lineNumber))
                .orElse(value.origin());
    }

    /** What stands there, a null of HOCON included; null when nothing does. */
    private ConfigValue value(String key) {
        ConfigValue at = config.root();
        for (var name : ConfigUtil.splitPath(full(key))) {
            at = at instanceof ConfigObject object ? object.get(name) : null;
        }
        return at;
    }

    private String firstLine(String key, Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("").strip();
        } catch (IOException | UncheckedIOException e) {
            problem(key, file + ", which cannot be read as text", "a file whose first line is the secret");
            return "";
        }
    }

    private <T> T checked(String key, Function<Config, T> read, String allowed) {
        return checked(key, read, found -> true, allowed);
    }

    private <T> T checked(String key, Function<Config, T> read, Predicate<T> good, String allowed) {
        try {
            T found = read.apply(config);
            if (good.test(found)) {
                return found;
            }
        } catch (BadValue | WrongType | Null | InvalidPathException unreadable) {
            // told below, with what stands there
        }
        wrong(key, allowed);
        return read.apply(defaults);
    }

    private static List<String> list(Config from, String path) {
        if (from.getValue(path).valueType() == ConfigValueType.LIST) {
            return List.copyOf(from.getStringList(path));
        }
        var joined = from.getString(path);
        if (joined.strip().startsWith("[")) {
            return List.copyOf(parsed(path, joined));
        }
        return joined.isBlank() ? List.of() : List.of(joined.strip().split("\\s*,\\s*"));
    }

    /** From the environment, for texts that have commas in themselves. */
    private static List<String> parsed(String path, String hocon) {
        try {
            return ConfigFactory.parseString("list = " + hocon).getStringList("list");
        } catch (com.typesafe.config.ConfigException wrong) {
            throw new BadValue(path, "no list in HOCON", wrong);
        }
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String name) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> spelled(constant).equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String spelled(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String shown(String key) {
        boolean secret = defaults.hasPath(full(key + "-file"));
        return secret
                ? "(a secret, not shown)"
                : shortened(value(key).render(ConfigRenderOptions.concise()).replaceAll(USER_IN_URL, "://***@"));
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_MAX
                ? text
                : String.format(Locale.ROOT, "%s… (%,d characters)", text.substring(0, SHOWN_OF_LONG), text.length());
    }

    private String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
