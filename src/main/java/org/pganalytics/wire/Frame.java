package org.pganalytics.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.FamilySchema;

/** What the two sides of a connection say to each other; docs/protocol.md is the norm. */
public sealed interface Frame {
    /** A collector without a token asks for one. @param version the agent's version */
    record Register(String secret, String name, String version) implements Frame {
        /** Never the secret. */
        @Override
        public String toString() {
            return "Register[name=%s, version=%s]".formatted(name, version);
        }
    }

    /** The answer to REGISTER; the connection goes on with HELLO. */
    record Registered(UUID collector, String token, String refreshSecret, long tokenLifetimeMillis) implements Frame {
        /** Neither the token nor the secret. */
        @Override
        public String toString() {
            return "Registered[collector=%s]".formatted(collector);
        }
    }

    /** A collector introduces itself. @param clockMicros its clock, µs since 1970 */
    record Hello(String token, String agent, UUID instance, Set<String> features, long clockMicros) implements Frame {
        /** Never the token. */
        @Override
        public String toString() {
            return "Hello[agent=%s, instance=%s, features=%s]".formatted(agent, instance, features);
        }
    }

    /** A collector asks for a new token, before HELLO or within a session. */
    record Token(UUID collector, String refreshSecret) implements Frame {
        /** Never the secret. */
        @Override
        public String toString() {
            return "Token[collector=%s]".formatted(collector);
        }
    }

    /** The answer to TOKEN; the new refresh secret replaces the old one once it is used. */
    record TokenGranted(String token, String refreshSecret, long tokenLifetimeMillis) implements Frame {
        /** Neither the token nor the secret. */
        @Override
        public String toString() {
            return "TokenGranted[tokenLifetimeMillis=%d]".formatted(tokenLifetimeMillis);
        }
    }

    /** A collector asks for a certificate, before HELLO. @param request PKCS #10 in PEM */
    record Certify(String token, String refreshSecret, String request) implements Frame {
        /** Neither the token nor the secret. */
        @Override
        public String toString() {
            return "Certify[]";
        }
    }

    /** The answer to CERTIFY. @param certificate PEM, the authority's after it */
    record Certified(String certificate, long lifetimeMillis) implements Frame {}

    /**
     * The answer to HELLO, sent after a commit.
     *
     * @param mark the last settled number of the epoch
     * @param window how many batches may be unanswered at once
     * @param bodyBytesMax most bytes of a batch body, compressed
     * @param uncompressedBytesMax most bytes of a batch body, uncompressed
     * @param leaseMillis how long the session holds while the connection is silent
     * @param clockMicros the server's clock, µs since 1970
     */
    record Welcome(
            UUID session,
            int epoch,
            long mark,
            int window,
            int bodyBytesMax,
            int uncompressedBytesMax,
            long leaseMillis,
            long clockMicros)
            implements Frame {}

    /** Declares a schema for the rest of the connection, or of the HTTP body. */
    record Schema(FamilySchema schema) implements Frame {}

    /** @param body zstd-compressed blocks, decoded by {@link BatchDecoder} */
    record BatchFrame(BatchHeader header, Buffer body) implements Frame {}

    /** Everything of the epoch up to this number is settled. @param window as in WELCOME, from now on */
    record Ack(int epoch, long sequence, int window) implements Frame {}

    /**
     * A batch is refused.
     *
     * @param fault when it is retryable, the sender goes back to {@code expected}; when it settles, the number is consumed
     * @param retryAfterMillis 0 when the sender may try at once
     * @param expected the number that the ledger waits for
     */
    record Nack(int epoch, long sequence, Fault fault, long retryAfterMillis, long expected, String detail)
            implements Frame {}

    /** The window changes; 0 stops the sender until a later ACK or THROTTLE. */
    record Throttle(int window, long retryAfterMillis) implements Frame {}

    record Ping(long nonce) implements Frame {}

    record Pong(long nonce) implements Frame {}

    /** The sender of this closes the connection next. */
    record GoAway(Fault fault, long retryAfterMillis, String detail) implements Frame {}

    /**
     * A collector asks which configuration it is to run, and says which one it does run.
     *
     * @param running the tag of the configuration in force; empty when there is none from a server
     * @param refused the tag of one that it did not take; empty when it took the last one
     * @param note why it did not, or what of the one in force it leaves out; empty for nothing
     * @param labels each {@code key=value}
     */
    record ConfigRequest(String running, String refused, String note, Set<String> labels) implements Frame {}

    /**
     * The answer to CONFIG_REQUEST.
     *
     * @param tag of what the collector is to run; empty: nothing but its own configuration
     * @param document JSON; empty when the collector has it, or there is none
     */
    record Config(String tag, Optional<String> document) implements Frame {}

    /** Another configuration may be there. @param withinMillis to ask at a random moment of this time from now */
    record ConfigChanged(long withinMillis) implements Frame {}
}
