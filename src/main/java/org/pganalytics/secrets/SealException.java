package org.pganalytics.secrets;

/** A sealed value that does not open; its message goes on after what names the value, and shows nothing of it. */
public final class SealException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SealException(String message) {
        super(message);
    }

    SealException(String message, Throwable cause) {
        super(message, cause);
    }
}
