package org.pganalytics.tls;

import java.nio.file.Path;

/** A file with a certificate or a key that cannot be used, in words for the person who put it there. */
public final class BadFileException extends IllegalArgumentException {
    private final String setting;
    private final String found;
    private final String allowed;

    /**
     * @param setting the key of the configuration that names the file
     * @param what what it does or is, such as {@code holds no PEM certificate}
     * @param allowed what it must be, and how to get there
     * @param causeOrNull for the log of what is no person's doing
     */
    BadFileException(String setting, Path file, String what, String allowed, Throwable causeOrNull) {
        super("%s = %s %s; it must be %s".formatted(setting, file, what, allowed), causeOrNull);
        this.setting = setting;
        this.found = "%s, which %s".formatted(file, what);
        this.allowed = allowed;
    }

    BadFileException(String setting, Path file, String what, String allowed) {
        this(setting, file, what, allowed, null);
    }

    public String setting() {
        return setting;
    }

    /** The file, and what is wrong with it. */
    public String found() {
        return found;
    }

    public String allowed() {
        return allowed;
    }
}
