package org.pganalytics.house;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where what tests start has its folders: below {@code target/it}, or where a bench says. */
public final class TestFolders {
    /** A system property. */
    public static final String ROOT = "pganalytics.it";

    private TestFolders() {}

    /** A new one, with a name of its own. */
    public static Path make(String name) throws IOException {
        var root = Files.createDirectories(Path.of(System.getProperty(ROOT, "target/it")));
        return Files.createTempDirectory(root.toAbsolutePath(), name);
    }
}
