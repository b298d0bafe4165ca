package org.pganalytics.fault;

/** A value of the configuration that cannot be used, where what is wrong is more than the value itself. */
public final class WrongValueException extends IllegalArgumentException {
    private final String setting;
    private final String found;
    private final String allowed;

    /**
     * @param setting its key
     * @param found what stands there and what is wrong with it, such as {@code x.pem, which is a folder}; never a secret
     * @param allowed what may stand there, and how to get there
     * @param causeOrNull for the log of what is no person's doing
     */
    public WrongValueException(String setting, String found, String allowed, Throwable causeOrNull) {
        super("%s = %s; allowed is %s".formatted(setting, found, allowed), causeOrNull);
        this.setting = setting;
        this.found = found;
        this.allowed = allowed;
    }

    public WrongValueException(String setting, String found, String allowed) {
        this(setting, found, allowed, null);
    }

    public String setting() {
        return setting;
    }

    public String found() {
        return found;
    }

    public String allowed() {
        return allowed;
    }
}
