package org.pganalytics.tls;

import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.util.List;

/** The networks that a configuration names: single addresses or CIDR blocks, IPv4 or IPv6. */
public final class Networks {
    private final List<Block> blocks;

    private record Block(int bytes, BigInteger prefix, int hostBits) {
        boolean contains(byte[] address) {
            return address.length == bytes
                    && new BigInteger(1, address).shiftRight(hostBits).equals(prefix);
        }
    }

    private Networks(List<Block> blocks) {
        this.blocks = blocks;
    }

    /** @throws IllegalArgumentException naming the setting and the part that is no address and no CIDR block */
    public static Networks of(String setting, List<String> declared) {
        return new Networks(declared.stream().map(text -> block(setting, text)).toList());
    }

    private static Block block(String setting, String text) {
        var parts = text.strip().split("/", 2);
        var address = NetUtil.createByteArrayFromIpAddressString(parts[0]);
        int bits = address == null ? 0 : address.length * 8;
        int prefixBits = parts.length == 1 ? bits : number(parts[1]);
        if (address == null || prefixBits < 0 || prefixBits > bits) {
            throw new IllegalArgumentException(
                    "%s: '%s' is neither an IP address nor a network such as 10.0.0.0/8".formatted(setting, text));
        }
        int hostBits = bits - prefixBits;
        return new Block(address.length, new BigInteger(1, address).shiftRight(hostBits), hostBits);
    }

    private static int number(String text) {
        return text.matches("\\d{1,3}") ? Integer.parseInt(text) : -1;
    }

    /** @param address an IP address as text; anything else is in no network */
    public boolean contains(String address) {
        var bytes = NetUtil.createByteArrayFromIpAddressString(address);
        return bytes != null && blocks.stream().anyMatch(block -> block.contains(bytes));
    }
}
