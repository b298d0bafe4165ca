package org.pganalytics.identity.keycloak;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.zip.ZipFile;

/** Where Keycloak is unpacked and built, once on a machine: that takes longer than all its tests. */
final class KeycloakFolder {
    /** Maven puts it there before the integration tests. */
    static final Path ZIP = Path.of("target/keycloak/keycloak.zip");

    private static final String BUILT = "built-for-tests";

    private KeycloakFolder() {}

    static boolean isThere() {
        return Files.isReadable(ZIP);
    }

    /** Tests of other processes wait meanwhile. */
    static Path ready() throws Exception {
        var cache = Files.createDirectories(cache());
        try (var channel = FileChannel.open(
                        cache.resolve("keycloak.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock();
                var zip = new ZipFile(ZIP.toFile())) {
            var home = cache.resolve(zip.entries().nextElement().getName()).normalize();
            if (!lock.isValid() || !home.getParent().equals(cache)) {
                throw new IOException("%s does not begin with the folder of all that is in it".formatted(ZIP));
            }
            if (!Files.exists(home.resolve(BUILT))) {
                delete(home);
                unpack(zip, cache);
                build(home);
                Files.createFile(home.resolve(BUILT));
            }
            return home;
        }
    }

    private static Path cache() {
        var root = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(set -> !set.isBlank())
                .map(Path::of)
                .orElse(Path.of(System.getProperty("user.home"), ".cache"));
        return root.resolve("pganalytics").toAbsolutePath();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void unpack(ZipFile zip, Path into) throws IOException {
        for (var entries = zip.entries(); entries.hasMoreElements(); ) {
            var entry = entries.nextElement();
            var file = into.resolve(entry.getName()).normalize();
            if (!file.startsWith(into)) {
                throw new IOException("%s has %s".formatted(ZIP, entry.getName()));
            }
            if (entry.isDirectory()) {
                Files.createDirectories(file);
            } else {
                Files.createDirectories(file.getParent());
                try (var in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    /** In memory and alone: what a start need not find out any more. */
    private static void build(Path home) throws Exception {
        var log = home.resolve("build.log");
        var building = new ProcessBuilder(
                        "bash", home.resolve("bin/kc.sh").toString(), "build", "--db=dev-mem", "--cache=local")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        building.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx768m");
        assertEquals(0, building.start().waitFor(), "Keycloak cannot be built; see " + log);
    }
}
