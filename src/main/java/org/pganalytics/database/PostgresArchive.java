package org.pganalytics.database;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.pganalytics.fault.Fault;

/**
 * A packed PostgreSQL ({@code .txz}) for this machine.
 *
 * @param location a URI that {@link java.net.URL} can open
 */
public record PostgresArchive(URI location) {

    /** The one that this program brings along. */
    public static PostgresArchive ofClassPath() {
        var url = PostgresArchive.class.getResource("/" + fileName());
        if (url == null) {
            throw Fault.STORE_DOWN.because(
                    "no embedded PostgreSQL for this machine (%s is not on the class path): set database.url"
                            .formatted(fileName()));
        }
        try {
            return new PostgresArchive(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    InputStream open() throws IOException {
        var connection = location.toURL().openConnection();
        connection.setUseCaches(false);
        return connection.getInputStream();
    }

    private static String fileName() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return "postgres-%s-%s.txz".formatted(system, arch.matches("aarch64|arm64") ? "arm_64" : "x86_64");
    }
}
