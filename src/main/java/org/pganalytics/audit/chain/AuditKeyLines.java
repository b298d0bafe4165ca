package org.pganalytics.audit.chain;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads the lines of a file of keys; says which line is wrong, and never what stands there. */
final class AuditKeyLines {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,40}");
    private static final byte[] TRIED = {1, 2, 3};

    private final String where;
    private final Map<String, byte[]> hmacs = new HashMap<>();
    private final Map<String, PublicKey> signers = new HashMap<>();
    private String hmacId;
    private String signerId;
    private PrivateKey signer;

    private AuditKeyLines(String where) {
        this.where = where;
    }

    /** @param where how the file is called in what is said of it */
    static AuditKeys parse(String where, List<String> lines) {
        var read = new AuditKeyLines(where);
        for (int index = 0; index < lines.size(); index++) {
            var line = lines.get(index).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                read.line(index + 1, line.split("\\s+"));
            }
        }
        return new AuditKeys(read.hmacs, read.hmacId, read.signers, read.signerId, read.signer);
    }

    private void line(int number, String[] words) {
        try {
            if (words.length < 3 || !ID.matcher(words[1]).matches()) {
                throw new IllegalArgumentException("a key has a kind, an id and base64");
            }
            if (hmacs.containsKey(words[1]) || signers.containsKey(words[1])) {
                throw new IllegalArgumentException("the id is there twice");
            }
            take(words);
        } catch (IllegalArgumentException | GeneralSecurityException wrong) {
            // Not the cause: it could show what stands there.
            throw new IllegalArgumentException("%s, line %d is no key of the audit: %s"
                    .formatted(
                            where,
                            number,
                            wrong instanceof GeneralSecurityException ? "no Ed25519 key" : wrong.getMessage()));
        }
    }

    private void take(String[] words) throws GeneralSecurityException {
        switch (words[0]) {
            case "hmac" -> hmac(words[1], bytes(words[2]));
            case "public" -> signers.put(words[1], publicKey(words[2]));
            case "sign" -> sign(words);
            default -> throw new IllegalArgumentException("its kind is none of hmac, sign and public");
        }
    }

    private void hmac(String id, byte[] key) {
        if (key.length != Hashes.BYTES) {
            throw new IllegalArgumentException("an hmac key has %d bytes".formatted(Hashes.BYTES));
        }
        hmacs.put(id, key);
        hmacId = id;
    }

    private void sign(String[] words) throws GeneralSecurityException {
        if (words.length != 4) {
            throw new IllegalArgumentException("sign takes an id, the private and the public key");
        }
        var secret =
                KeyFactory.getInstance(AuditKeys.SIGNING).generatePrivate(new PKCS8EncodedKeySpec(bytes(words[2])));
        var open = publicKey(words[3]);
        var pair = new AuditKeys(Map.of(), null, Map.of(words[1], open), words[1], secret);
        if (!pair.signed(words[1], TRIED, pair.sign(TRIED))) {
            throw new IllegalArgumentException("the private and the public key do not belong together");
        }
        signers.put(words[1], open);
        signerId = words[1];
        signer = secret;
    }

    private static PublicKey publicKey(String text) throws GeneralSecurityException {
        return KeyFactory.getInstance(AuditKeys.SIGNING).generatePublic(new X509EncodedKeySpec(bytes(text)));
    }

    private static byte[] bytes(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is not base64");
        }
    }
}
