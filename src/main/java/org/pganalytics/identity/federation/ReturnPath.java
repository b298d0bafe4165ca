package org.pganalytics.identity.federation;

import java.util.regex.Pattern;
import org.pganalytics.fault.Fault;

/** Where somebody goes once signed in: a path of this server, never another place. */
final class ReturnPath {
    /** Browsers read {@code //} and {@code /\} as the beginning of a host, and pass over tabs and line ends in between. */
    private static final Pattern PATH =
            Pattern.compile("/([A-Za-z0-9._~%!$&'()*+,;=:@?#-][A-Za-z0-9._~%!$&'()*+,;=:@?#/-]*)?");

    private static final int LENGTH_MAX = 1_024;

    private ReturnPath() {}

    /** Fails with BAD_REQUEST. */
    static void require(String path) {
        if (path.length() > LENGTH_MAX || !PATH.matcher(path).matches()) {
            throw Fault.BAD_REQUEST.because(
                    "target must be a path of this server, such as /fleet?name=a, in characters that URLs have, at most"
                            + " 1,024 of them");
        }
    }
}
