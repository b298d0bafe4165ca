package org.pganalytics.identity;

import java.util.Locale;
import me.gosimple.nbvcxz.Nbvcxz;
import me.gosimple.nbvcxz.resources.ConfigurationBuilder;
import org.pganalytics.fault.Fault;

/**
 * Which passwords are taken: long enough, none of those that leaked from elsewhere, and not easily guessed from these (by
 * nbvcxz, which brings lists of leaked passwords and of words along). Blocking, for a worker; making one reads the lists.
 */
final class PasswordRules {
    static final int LENGTH_MAX = 256;
    /** Of guesses as a power of two: some weeks at 10,000 a second, which Argon2id is far below. */
    private static final double ENTROPY_MIN = 34;

    private final int lengthMin;
    private final Nbvcxz estimator =
            new Nbvcxz(new ConfigurationBuilder().setMinimumEntropy(ENTROPY_MIN).createConfiguration());

    PasswordRules(int lengthMin) {
        this.lengthMin = lengthMin;
    }

    /** Fails with BAD_REQUEST; never says anything of the password itself. */
    void check(String name, String password) {
        int length = password.codePointCount(0, password.length());
        if (length < lengthMin || password.length() > LENGTH_MAX) {
            throw Fault.BAD_REQUEST.because(
                    "a password has %d to %d characters, this one %d".formatted(lengthMin, LENGTH_MAX, length));
        }
        if (name.length() > 3 && password.toLowerCase(Locale.ROOT).contains(name)) {
            throw Fault.BAD_REQUEST.because("a password must not contain its owner's name");
        }
        if (!estimator.estimate(password).isMinimumEntropyMet()) {
            throw Fault.BAD_REQUEST.because(
                    "this password is too easily guessed: it is on a list of leaked ones, or made"
                            + " of common words, names, dates or keys in a row; take four unrelated words, say");
        }
    }
}
