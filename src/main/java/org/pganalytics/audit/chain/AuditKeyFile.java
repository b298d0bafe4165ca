package org.pganalytics.audit.chain;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.pganalytics.secrets.KeyFile;

/**
 * The file with the audit's keys, which lies outside the database and is the same on every server. A line a key: {@code hmac
 * ID KEY}, {@code sign ID PRIVATE PUBLIC}, {@code public ID PUBLIC}, in base64; the last {@code hmac} and the last {@code
 * sign} are used, the others verify what is older. Blocking.
 */
public final class AuditKeyFile {
    private static final String KEY = "audit.key-file";
    private static final String HEAD = """
            # The keys of pgAnalytics' audit. Keep a copy where the database's backups are not: without it nobody can tell
            # whether the audit was bent, and whoever has it and the database can bend it. The same file on every server.
            """;

    private AuditKeyFile() {}

    /** @throws IllegalArgumentException in one line: it is missing, open to others or no file of keys */
    public static AuditKeys read(Path file) {
        file(file).requirePrivate();
        var keys = parse(file);
        if (!keys.canProve()) {
            throw new IllegalArgumentException("%s = %s has no hmac or no sign line".formatted(KEY, file));
        }
        return keys;
    }

    /** The same of a file that may hold public keys only, and then may be anybody's to read. */
    public static AuditKeys readForVerifying(Path file) {
        var keys = parse(file);
        if (!keys.hmacs().isEmpty() || keys.signer() != null) {
            file(file).requirePrivate();
        }
        if (keys.signers().isEmpty()) {
            throw new IllegalArgumentException("%s has no sign or public line".formatted(file));
        }
        return keys;
    }

    /** Makes one with new keys, which only its owner may read; overwrites nothing. */
    public static AuditKeys create(Path file, SecureRandom random) throws IOException {
        try {
            var pair = KeyPairGenerator.getInstance(AuditKeys.SIGNING).generateKeyPair();
            var hmac = new byte[Hashes.BYTES];
            random.nextBytes(hmac);
            var name = new byte[4];
            random.nextBytes(name);
            var id = HexFormat.of().formatHex(name);
            var base64 = Base64.getEncoder();
            file(file)
                    .create(HEAD
                            + "hmac h-%s %s%n".formatted(id, base64.encodeToString(hmac))
                            + "sign s-%s %s %s%n"
                                    .formatted(
                                            id,
                                            base64.encodeToString(
                                                    pair.getPrivate().getEncoded()),
                                            base64.encodeToString(
                                                    pair.getPublic().getEncoded())));
            return read(file);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has " + AuditKeys.SIGNING, impossible);
        }
    }

    private static AuditKeys parse(Path path) {
        var file = file(path);
        return AuditKeyLines.parse(file.toString(), file.lines());
    }

    private static KeyFile file(Path path) {
        return new KeyFile(
                path,
                KEY,
                "put the one of the other servers or of the backup there, or make the first one with ./pganalytics audit"
                        + " key create --file "
                        + path);
    }
}
