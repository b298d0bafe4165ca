package org.pganalytics.schema;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.flywaydb.core.api.MigrationVersion;

/**
 * What this server would apply, compared with what the database says was applied: when all of it was, unchanged, Flyway
 * need not be started, which takes as long as PostgreSQL does. Whatever is not plainly so is left to Flyway to judge.
 *
 * @param checksums by version, as Flyway makes them
 */
record OwnMigrations(Map<MigrationVersion, Integer> checksums) {
    private static final Pattern NAME = Pattern.compile("V(\\d+)__\\w+\\.sql");
    private static final String APPLIED = """
            SELECT version, checksum, success AND type IN ('SQL', 'BASELINE') AS plain
            FROM schema_history WHERE version IS NOT NULL
            """;

    /** Empty when there is something among them that is no plain versioned script. */
    static Optional<OwnMigrations> in(String folder) throws IOException {
        var checksums = new HashMap<MigrationVersion, Integer>();
        for (var root : Collections.list(OwnMigrations.class.getClassLoader().getResources(folder))) {
            for (var file : names(root, folder)) {
                var name = NAME.matcher(file);
                if (!name.matches()) {
                    return Optional.empty();
                }
                checksums.put(MigrationVersion.fromVersion(name.group(1)), checksum(folder + "/" + file));
            }
        }
        return checksums.isEmpty() ? Optional.empty() : Optional.of(new OwnMigrations(Map.copyOf(checksums)));
    }

    private static List<String> names(URL root, String folder) throws IOException {
        if (root.openConnection() instanceof JarURLConnection packed) {
            packed.setUseCaches(false);
            try (var jar = packed.getJarFile()) {
                return jar.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.startsWith(folder + "/") && !name.endsWith("/"))
                        .map(name -> name.substring(folder.length() + 1))
                        .toList();
            }
        }
        try (var files = Files.list(Path.of(uri(root)))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static URI uri(URL root) throws IOException {
        try {
            return root.toURI();
        } catch (URISyntaxException odd) {
            throw new IOException(odd);
        }
    }

    /** Flyway's: CRC-32 of the lines without their ends. */
    private static int checksum(String resource) throws IOException {
        var crc = new CRC32();
        try (var in = OwnMigrations.class.getClassLoader().getResourceAsStream(resource);
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                crc.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        return (int) crc.getValue();
    }

    MigrationVersion newest() {
        return Collections.max(checksums.keySet());
    }

    /** The version the database has, when all of these are applied to it as they are here and nothing else looks odd. */
    Optional<MigrationVersion> appliedTo(Connection database) throws SQLException {
        try (var statement = database.createStatement()) {
            try (var known = statement.executeQuery("SELECT to_regclass('schema_history') IS NOT NULL")) {
                if (!known.next() || !known.getBoolean(1)) {
                    return Optional.empty();
                }
            }
            var open = new HashMap<>(checksums);
            var highest = MigrationVersion.EMPTY;
            try (var rows = statement.executeQuery(APPLIED)) {
                while (rows.next()) {
                    var version = MigrationVersion.fromVersion(rows.getString("version"));
                    if (!rows.getBoolean("plain") || !isExpected(version, rows.getInt("checksum"))) {
                        return Optional.empty();
                    }
                    open.remove(version);
                    highest = version.compareTo(highest) > 0 ? version : highest;
                }
            }
            return open.isEmpty() ? Optional.of(highest) : Optional.empty();
        }
    }

    /** One of these, unchanged; the baseline; or one of a later server. */
    private boolean isExpected(MigrationVersion version, int checksum) {
        var ours = checksums.get(version);
        return ours == null
                ? version.compareTo(newest()) > 0 || version.equals(MigrationVersion.fromVersion("0"))
                : ours == checksum;
    }
}
