package org.pganalytics.charts;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the Dockerfile's last stage puts into the image, laid out in a directory: no engine is needed for that. */
final class ImageLayout {
    private static final Pattern COPY = Pattern.compile("(?m)^COPY (--from=build )?(.+) (\\S+)$");
    private static final Pattern ENVIRONMENT = Pattern.compile("(PGANALYTICS_[A-Z_]+)=(\\S+)");
    private static final String BUILT = "/build/";

    private final String stage;

    ImageLayout() throws IOException {
        var text = Files.readString(Path.of("Dockerfile"));
        this.stage = text.substring(text.lastIndexOf("\nFROM "));
    }

    Map<String, String> environment() {
        return ENVIRONMENT.matcher(stage).results().collect(Collectors.toMap(set -> set.group(1), set -> set.group(2)));
    }

    /** The command of HEALTHCHECK, as {@code sh -c} takes it. */
    String healthCheck() {
        return stage.replaceAll("(?s).*HEALTHCHECK [^\n]*\\\\\n\\s+CMD ([^\n]*)\n.*", "$1");
    }

    String line(String instruction) {
        return stage.lines()
                .filter(line -> line.startsWith(instruction + " "))
                .findFirst()
                .orElseThrow()
                .substring(instruction.length() + 1);
    }

    /** @param home stands for the WORKDIR */
    void layOut(Path home) throws IOException {
        for (var copy : COPY.matcher(stage).results().toList()) {
            boolean built = copy.group(1) != null;
            for (var source : List.of(copy.group(2).split(" "))) {
                assertTrue(!built || source.startsWith(BUILT), source);
                var from = Path.of(built ? source.substring(BUILT.length()) : source);
                var to = home.resolve(copy.group(3));
                copy(from, Files.isDirectory(from) ? to : to.resolve(from.getFileName()));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                var target = to.resolve(from.relativize(file).toString()).normalize();
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** Everything below a directory, with its size and time: the same when nothing was written. */
    static Map<String, String> seen(Path directory) throws IOException {
        var seen = new TreeMap<String, String>();
        try (var files = Files.walk(directory)) {
            for (var file : files.toList()) {
                seen.put(file.toString(), Files.getLastModifiedTime(file) + " " + Files.size(file));
            }
        }
        return seen;
    }
}
