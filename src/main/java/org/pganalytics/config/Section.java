package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException.BadValue;
import com.typesafe.config.ConfigException.WrongType;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * One section of a configuration, read key by key. What is wrong goes to the problems, and the default stands in for it,
 * so that reading goes on and finds the rest.
 */
final class Section {
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

    int integer(String key, int min, int max) {
        return (int) whole(key, min, max);
    }

    long whole(String key, long min, long max) {
        return checked(key, from -> from.getLong(full(key)), n -> n >= min && n <= max, range(min, max));
    }

    double number(String key, double min, double max) {
        return checked(
                key,
                from -> from.getDouble(full(key)),
                n -> n >= min && n <= max,
                "a number from %s to %s".formatted(min, max));
    }

    long bytes(String key, long min, long max) {
        var allowed = "a size such as 64KiB, from %d to %d bytes".formatted(min, max);
        return checked(key, from -> from.getBytes(full(key)), n -> n >= min && n <= max, allowed);
    }

    Duration duration(String key, Duration min, Duration max) {
        var allowed = "a duration such as 10s, from %s to %s".formatted(words(min), words(max));
        return checked(
                key,
                from -> from.getDuration(full(key)),
                found -> found.compareTo(min) >= 0 && found.compareTo(max) <= 0,
                allowed);
    }

    boolean flag(String key) {
        return checked(key, from -> from.getBoolean(full(key)), found -> true, "true or false");
    }

    String text(String key) {
        return checked(key, from -> from.getString(full(key)), found -> true, "a text");
    }

    String text(String key, Predicate<String> good, String allowed) {
        return checked(key, from -> from.getString(full(key)), good, allowed);
    }

    List<String> texts(String key, Predicate<String> good, String allowed) {
        return checked(key, from -> list(from, full(key)), all -> all.stream().allMatch(good), "a list of " + allowed);
    }

    <E extends Enum<E>> E choice(String key, Class<E> type) {
        var names = Arrays.stream(type.getEnumConstants()).map(Section::spelled).collect(Collectors.joining(", "));
        Function<Config, E> read = from -> constant(type, from.getString(full(key)));
        return checked(key, read, found -> found != null, "one of " + names);
    }

    Path directory(String key) {
        return checked(
                key,
                from -> Path.of(from.getString(full(key))),
                found -> !Files.exists(found) || Files.isDirectory(found),
                "a directory, or a path where one can be made");
    }

    /** A file that must exist, or empty when the key holds an empty text. */
    Optional<Path> file(String key) {
        Function<Config, Optional<Path>> read = from -> Optional.of(from.getString(full(key)))
                .filter(name -> !name.isBlank())
                .map(Path::of);
        return checked(
                key,
                read,
                found -> found.isEmpty() || Files.isReadable(found.get()),
                "a file that can be read, or \"\"");
    }

    /** A secret from the key itself or from the file that {@code <key>-file} names; empty when neither is set. */
    String secret(String key, Predicate<String> good, String allowed) {
        var said = config.getString(full(key));
        var file = file(key + "-file");
        if (!said.isEmpty() && file.isPresent()) {
            problem(key, "both " + key + " and " + key + "-file", "one of them");
        }
        var secret = file.map(name -> firstLine(key + "-file", name)).orElse(said);
        if (!secret.isEmpty() && !good.test(secret)) {
            problem(file.isPresent() ? key + "-file" : key, "(a secret, not shown)", allowed);
        }
        return secret;
    }

    void problem(String key, String found, String allowed) {
        problems.add(config.getValue(full(key)).origin(), full(key), found, allowed);
    }

    private String firstLine(String key, Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("").strip();
        } catch (IOException | java.io.UncheckedIOException e) {
            problem(key, file + ", which cannot be read as text", "a file whose first line is the secret");
            return "";
        }
    }

    private <T> T checked(String key, Function<Config, T> read, Predicate<T> good, String allowed) {
        try {
            T found = read.apply(config);
            if (good.test(found)) {
                return found;
            }
        } catch (BadValue | WrongType | java.nio.file.InvalidPathException wrong) {
            // told below, with what stands there
        }
        problem(key, shown(config.getValue(full(key))), allowed);
        return read.apply(defaults);
    }

    private static List<String> list(Config from, String path) {
        if (from.getValue(path).valueType() == ConfigValueType.LIST) {
            return List.copyOf(from.getStringList(path));
        }
        var joined = from.getString(path);
        return joined.isBlank() ? List.of() : List.of(joined.strip().split("\\s*,\\s*"));
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

    private static String shown(ConfigValue value) {
        return value.render(com.typesafe.config.ConfigRenderOptions.concise());
    }

    private static String range(long min, long max) {
        return "a whole number from %d to %d".formatted(min, max);
    }

    private static String words(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    private String full(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
