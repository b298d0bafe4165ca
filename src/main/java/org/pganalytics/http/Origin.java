package org.pganalytics.http;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Where a request comes from.
 *
 * @param address of the client, also behind a trusted balancer
 * @param agent what the client calls itself; empty when it does not
 * @param session what the browser's cookie of a session holds; empty without
 * @param signIn what its cookie of a sign-in under way holds; empty without
 */
public record Origin(String address, String agent, String session, String signIn) {
    /** Where all come from whose address cannot be read. */
    public static final String OTHERS = "others";

    private static final int IPV6_PREFIX_BYTES = 8;

    /** What counts as one sender: an IPv4 address, or the /64 that an IPv6 host has to itself; in hexadecimal digits. */
    public static String network(String address) {
        var bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null) {
            return OTHERS;
        }
        return HexFormat.of().formatHex(bytes.length == 4 ? bytes : Arrays.copyOf(bytes, IPV6_PREFIX_BYTES));
    }

    /** Never the cookies. */
    @Override
    public String toString() {
        return "Origin[address=%s, agent=%s]".formatted(address, agent);
    }
}
