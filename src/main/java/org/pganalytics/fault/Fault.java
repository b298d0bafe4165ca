package org.pganalytics.fault;

import java.util.Arrays;
import java.util.Optional;

/**
 * Every way a request, a frame or a batch can be refused.
 *
 * <p>Wire codes are protocol (docs/protocol.md): append, never renumber. A fault that is retryable consumes no batch
 * number; one that {@linkplain #settles settles} is content refused for ever, and consumes it.
 */
public enum Fault {
    BAD_FRAME(1, 400, false, "The frame does not follow the protocol"),
    UNAUTHENTICATED(2, 401, false, "The token is unknown, expired or not for this server"),
    REVOKED(3, 403, false, "The collector was revoked"),
    RATE_LIMITED(4, 429, true, "The sender sends faster than it may"),
    OVERLOADED(5, 503, true, "The server has no room for more at the moment"),
    STORE_DOWN(6, 503, true, "The database does not answer"),
    INTERNAL(7, 500, true, "The server has a bug"),
    POSITION_GAP(8, 409, true, "The batch does not follow the last settled one"),
    POSITION_CONFLICT(9, 409, false, "Another batch was settled under this number"),
    EPOCH_OLD(10, 409, false, "A newer instance of this collector has taken over"),
    INSTANCE_LEASED(11, 409, true, "Another instance of this collector is connected"),
    COLLECTOR_UNKNOWN(12, 404, false, "The collector is not registered here"),
    UNSUPPORTED_VERSION(13, 400, false, "No protocol version in common"),
    TOO_LARGE(14, 413, false, "The request is larger than the limit"),
    BAD_REQUEST(15, 400, false, "The request does not follow its form"),
    NOT_FOUND(16, 404, false, "There is nothing at this address"),
    METHOD_NOT_ALLOWED(17, 405, false, "This address does not take that method"),
    UNSUPPORTED_MEDIA(18, 415, false, "The media type is not one that this address takes"),
    DRAINING(19, 503, true, "The server is going down; another one will answer"),
    SESSION_REPLACED(20, 409, false, "A newer connection of the same collector has taken over"),
    HANDSHAKE_TIMEOUT(21, 408, true, "The sender did not introduce itself in time"),
    IDLE_TIMEOUT(22, 408, true, "The connection was silent for too long"),
    TOO_MANY_CONNECTIONS(23, 503, true, "The server holds as many connections as it may"),
    FORBIDDEN(24, 403, false, "The sender may not do this"),
    CONFLICT(25, 409, false, "What this is about is not in a state that allows it"),
    CERTIFICATE_REFUSED(26, 403, false, "The collector showed no certificate, or one that is not its own"),
    PROOF_WANTED(27, 403, false, "It takes another proof of who asks"),
    DIRECTORY_DOWN(28, 503, true, "The directory that knows people does not answer"),
    UNDECODABLE(32, 422, false, "The body of the batch cannot be decoded"),
    UNKNOWN_FAMILY(33, 422, false, "The server does not know this metric family"),
    UNKNOWN_COLUMN(34, 422, false, "The server's table does not have this column"),
    BAD_DATA(35, 422, false, "The database will never take these rows"),
    TIME_OUT_OF_RANGE(36, 422, false, "The rows are from a time that the server does not keep");

    private static final Fault[] BY_WIRE_CODE = byWireCode();

    private final int wireCode;
    private final int httpStatus;
    private final boolean retryable;
    private final String title;

    Fault(int wireCode, int httpStatus, boolean retryable, String title) {
        this.wireCode = wireCode;
        this.httpStatus = httpStatus;
        this.retryable = retryable;
        this.title = title;
    }

    /** The code in a NACK or GOAWAY frame; 1 to 255, and 0 is never used. */
    public int wireCode() {
        return wireCode;
    }

    public int httpStatus() {
        return httpStatus;
    }

    /** Whether sending the same again, later, can succeed. */
    public boolean retryable() {
        return retryable;
    }

    /** Whether this is a permanent refusal of a batch's content: quarantined, its number consumed. */
    public boolean settles() {
        return wireCode >= UNDECODABLE.wireCode;
    }

    public String title() {
        return title;
    }

    /** A refusal whose detail the sender sees: it names no secret. */
    public FaultException because(String detail) {
        return new FaultException(this, detail, null);
    }

    /** A refusal whose detail the sender sees, and whose cause is for our log only. */
    public FaultException because(String detail, Throwable cause) {
        return new FaultException(this, detail, cause);
    }

    /** Returns the fault a failure stands for; anything we did not foresee is INTERNAL. */
    public static Fault of(Throwable failure) {
        return failure instanceof FaultException known ? known.fault() : INTERNAL;
    }

    /** Returns the fault with this code, or empty for a code of a later version. */
    public static Optional<Fault> ofWireCode(int code) {
        return code >= 0 && code < BY_WIRE_CODE.length ? Optional.ofNullable(BY_WIRE_CODE[code]) : Optional.empty();
    }

    private static Fault[] byWireCode() {
        var faults = new Fault[256];
        Arrays.stream(values()).forEach(fault -> faults[fault.wireCode] = fault);
        return faults;
    }
}
