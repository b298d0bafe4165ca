package org.pganalytics.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds what came with the program when it is called from another directory. */
public final class HomeDirectory {
    private HomeDirectory() {}

    /** The path below the current directory when it is there, else below where the launcher stands. */
    public static Path resolve(String path) {
        var here = Path.of(path);
        var home = System.getProperty("pganalytics.home");
        return Files.exists(here) || home == null ? here : Path.of(home).resolve(path);
    }
}
