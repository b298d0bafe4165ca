package org.pganalytics.fault;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** A refusal: which fault, what the sender is told, and when or from where it may try again. */
public final class FaultException extends RuntimeException {
    private final transient Fault fault;
    private final transient Duration retryAfter;
    private final long expected;

    FaultException(Fault fault, String detail, Throwable cause) {
        this(fault, detail, cause, null, -1);
    }

    private FaultException(Fault fault, String detail, Throwable cause, Duration retryAfter, long expected) {
        super(detail, cause, false, cause != null);
        this.fault = fault;
        this.retryAfter = retryAfter;
        this.expected = expected;
    }

    public FaultException retryAfter(Duration wait) {
        return new FaultException(fault, getMessage(), getCause(), wait, expected);
    }

    /** Names the batch number that the ledger waits for. */
    public FaultException expecting(long sequence) {
        return new FaultException(fault, getMessage(), getCause(), retryAfter, sequence);
    }

    public Fault fault() {
        return fault;
    }

    /** What the sender is told beyond the fault's title; never a secret. */
    public String detail() {
        return getMessage();
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    public OptionalLong expected() {
        return expected < 0 ? OptionalLong.empty() : OptionalLong.of(expected);
    }
}
