package org.pganalytics.audit.chain;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;
import java.util.Optional;

/**
 * The keys that prove the audit, of all generations. Thread-safe.
 *
 * @param hmacs by id; empty when only checkpoints can be verified
 * @param hmacId what new events are proven with; null when there is none
 * @param signers public keys of checkpoints, by id
 * @param signerId of the key that signs; null when there is none
 * @param signer null when there is none
 */
public record AuditKeys(
        Map<String, byte[]> hmacs, String hmacId, Map<String, PublicKey> signers, String signerId, PrivateKey signer) {
    static final String SIGNING = "Ed25519";

    public AuditKeys {
        hmacs = Map.copyOf(hmacs);
        signers = Map.copyOf(signers);
    }

    /** Whether events can be proven and checkpoints signed, not only verified. */
    public boolean canProve() {
        return hmacId != null && signer != null;
    }

    byte[] hmac(byte[] text) {
        return Hashes.hmac(hmacs.get(hmacId), text);
    }

    boolean knows(String keyId) {
        return hmacs.containsKey(keyId);
    }

    /** In constant time. False, too, for what has no canonical form: nobody wrote it so. */
    boolean proves(ProvenEvent event) {
        var key = hmacs.get(event.keyId());
        try {
            return key != null && MessageDigest.isEqual(Hashes.hmac(key, event.canonical()), event.hmac());
        } catch (IllegalArgumentException noCanonicalForm) {
            return false;
        }
    }

    byte[] sign(byte[] text) {
        try {
            var signature = Signature.getInstance(SIGNING);
            signature.initSign(signer);
            signature.update(text);
            return signature.sign();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("the key was tried when it was read", impossible);
        }
    }

    boolean signed(String keyId, byte[] text, byte[] by) {
        return Optional.ofNullable(signers.get(keyId))
                .filter(key -> fits(key, text, by))
                .isPresent();
    }

    private static boolean fits(PublicKey key, byte[] text, byte[] by) {
        try {
            var signature = Signature.getInstance(SIGNING);
            signature.initVerify(key);
            signature.update(text);
            return signature.verify(by);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "AuditKeys[hmac=%s of %s, signer=%s of %s]"
                .formatted(hmacId, hmacs.keySet(), signerId, signers.keySet());
    }
}
