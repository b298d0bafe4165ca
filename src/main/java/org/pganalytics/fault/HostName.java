package org.pganalytics.fault;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** What may stand where a host is named; whether there is one is seen when it is looked for. */
public final class HostName {
    private static final int LENGTH_MAX = 253;
    private static final Pattern ONLY_NUMBERS = Pattern.compile("[0-9.]+");
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    /** With the underscore, which many a system has in its names. */
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";

    private static final Pattern NAME = Pattern.compile(LABEL + "(\\." + LABEL + ")*\\.?");

    private HostName() {}

    /** Whether it is an address or can be a name; asks nobody. */
    public static boolean isPossible(String host) {
        if (host.length() > LENGTH_MAX) {
            return false;
        }
        if (host.indexOf(':') >= 0) {
            return isIpv6(host);
        }
        return (ONLY_NUMBERS.matcher(host).matches() ? IPV4 : NAME)
                .matcher(host)
                .matches();
    }

    private static boolean isIpv6(String host) {
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        var address = bracketed ? host.substring(1, host.length() - 1) : host;
        try {
            // In brackets it is an address and nothing else, so that no name is looked up.
            InetAddress.getByName("[" + address.replaceFirst("%[A-Za-z0-9_.-]+$", "") + "]");
            return true;
        } catch (UnknownHostException other) {
            return false;
        }
    }
}
