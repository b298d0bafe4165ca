package org.pganalytics.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Passwords in the form of libpq: {@code host:port:database:user:password}, {@code *} for any, {@code \} escapes. */
final class Passfile {
    private static final int PASSWORD_BYTES = 24;

    private Passfile() {}

    /** Makes the file, readable by its owner only, with a new password; one that is there is left alone. */
    static void createFor(String user, Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        var password = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(password);
        var ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var scratch = Files.createTempFile(file.getParent(), "passfile", ".new", ownerOnly);
        Files.writeString(
                scratch, "127.0.0.1:*:*:%s:%s%n".formatted(user, HexFormat.of().formatHex(password)));
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The password of the first line that fits, as libpq would find it. */
    static Optional<String> password(Path file, String host, int port, String database, String user)
            throws IOException {
        var wanted = List.of(host, Integer.toString(port), database, user);
        for (var line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            var fields = fields(line);
            if (!line.startsWith("#") && fields.size() == 5 && fits(fields, wanted)) {
                return Optional.of(fields.get(4));
            }
        }
        return Optional.empty();
    }

    private static boolean fits(List<String> fields, List<String> wanted) {
        for (int i = 0; i < wanted.size(); i++) {
            if (!fields.get(i).equals("*") && !fields.get(i).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> fields(String line) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && i + 1 < line.length()) {
                field.append(line.charAt(++i));
            } else if (c == ':' && fields.size() < 4) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
