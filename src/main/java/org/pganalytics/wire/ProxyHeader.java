package org.pganalytics.wire;

import io.netty.util.NetUtil;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pganalytics.fault.Fault;

/**
 * What a balancer says before the bytes of a connection that it passes on: whose they are. PROXY protocol, version 2
 * (what it may say besides, its TLVs, is not looked at), or version 1 where that is allowed.
 *
 * @param client empty when the balancer speaks for itself (a health check), or for a client without an IP address
 */
public record ProxyHeader(Optional<InetSocketAddress> client) {
    /** Of a header's start, which says how long it is. */
    public static final int START_BYTES = 16;

    /** Longest header taken: the longest addresses and room for what balancers add to them. */
    public static final int BYTES_MAX = 4 << 10;

    /** How much of a connection tells how long its header is: longer is no line of version 1. */
    public static final int TELLING_BYTES = 107;

    private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII);
    private static final String VERSION_1 = "PROXY ";
    private static final Pattern LINE = Pattern.compile("PROXY TCP([46]) (\\S+) \\S+ (\\d{1,5}) \\d{1,5}");
    private static final int PORT_MAX = 65_535;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int TCP_OVER_IPV6 = 0x21;
    private static final int UNIX_STREAM = 0x31;
    private static final int UNIX_BYTES = 216;

    /** Whether a header begins like this, as far as the bytes reach. */
    public static boolean mayBegin(Buffer bytes) {
        for (int index = 0; index < Math.min(SIGNATURE.length, bytes.length()); index++) {
            if (bytes.getByte(index) != SIGNATURE[index]) {
                return false;
            }
        }
        return true;
    }

    /** Whether a header begins like this beyond doubt. */
    public static boolean begins(Buffer bytes) {
        return bytes.length() >= SIGNATURE.length && mayBegin(bytes);
    }

    /**
     * The length of the header that begins like this, or empty while that is not known; fails with BAD_FRAME as soon as it
     * can be none.
     *
     * @param bytes of a connection, from the first one on
     * @param text whether version 1, a line of text, is taken, too
     */
    public static Optional<Integer> length(Buffer bytes, boolean text) {
        if (text && isVersion1(bytes)) {
            return lineLength(bytes);
        }
        if (!mayBegin(bytes)) {
            throw Fault.BAD_FRAME.because(
                    isVersion1(bytes)
                            ? "the connection begins with version 1 of the PROXY protocol, and text-header does not allow it"
                            : "the connection does not begin with the PROXY protocol, version 2, as this balancer's should");
        }
        if (bytes.length() < START_BYTES) {
            return Optional.empty();
        }
        int length = START_BYTES + bytes.getUnsignedShort(START_BYTES - 2);
        if (length > BYTES_MAX) {
            throw Fault.BAD_FRAME.because(
                    "a PROXY header of %d bytes; at most %d are taken".formatted(length, BYTES_MAX));
        }
        return Optional.of(length);
    }

    private static Optional<Integer> lineLength(Buffer bytes) {
        int end = bytes.getString(0, bytes.length(), "ISO-8859-1").indexOf("\r\n");
        if (end < 0 && bytes.length() >= TELLING_BYTES) {
            throw Fault.BAD_FRAME.because(
                    "a PROXY header of version 1 without an end in %d bytes".formatted(TELLING_BYTES));
        }
        return end < 0 ? Optional.empty() : Optional.of(end + 2);
    }

    private static boolean isVersion1(Buffer bytes) {
        int shown = Math.min(VERSION_1.length(), bytes.length());
        return shown > 0 && VERSION_1.startsWith(bytes.getString(0, shown, "ISO-8859-1"));
    }

    /** Reads a whole header; fails with BAD_FRAME. */
    public static ProxyHeader parse(Buffer header) {
        if (!mayBegin(header)) {
            return parseLine(header.getString(0, header.length() - 2, "ISO-8859-1"));
        }
        int command = header.getUnsignedByte(12);
        int family = header.getUnsignedByte(13);
        if (command == LOCAL) {
            return new ProxyHeader(Optional.empty());
        }
        if (command != PROXY) {
            throw Fault.BAD_FRAME.because(
                    "a PROXY header of version and command 0x%02x; taken are 0x20 and 0x21".formatted(command));
        }
        return new ProxyHeader(
                switch (family) {
                    case UNSPECIFIED -> Optional.empty();
                    case TCP_OVER_IPV4 -> Optional.of(source(header, 4));
                    case TCP_OVER_IPV6 -> Optional.of(source(header, 16));
                    case UNIX_STREAM -> {
                        requireAddresses(header, UNIX_BYTES);
                        yield Optional.empty();
                    }
                    default ->
                        throw Fault.BAD_FRAME.because(
                                "a PROXY header for family and transport 0x%02x; taken are TCP over IPv4 (0x11) and"
                                                .formatted(family)
                                        + " IPv6 (0x21), a UNIX stream (0x31) and none (0x00)");
                });
    }

    private static ProxyHeader parseLine(String line) {
        if (line.startsWith("PROXY UNKNOWN")) {
            return new ProxyHeader(Optional.empty());
        }
        var words = LINE.matcher(line);
        if (words.matches()) {
            var source = NetUtil.createByteArrayFromIpAddressString(words.group(2));
            int port = Integer.parseInt(words.group(3));
            if (source != null && source.length == (words.group(1).equals("4") ? 4 : 16) && port <= PORT_MAX) {
                return new ProxyHeader(Optional.of(address(source, port)));
            }
        }
        throw Fault.BAD_FRAME.because(
                "a PROXY header of version 1 that is not PROXY, TCP4, TCP6 or UNKNOWN, two addresses and two ports");
    }

    private static InetSocketAddress source(Buffer header, int bytes) {
        requireAddresses(header, 2 * bytes + 4);
        return address(
                header.getBytes(START_BYTES, START_BYTES + bytes), header.getUnsignedShort(START_BYTES + 2 * bytes));
    }

    /** An IPv4 address within IPv6 becomes what it is, so that a client has one address. */
    private static InetSocketAddress address(byte[] bytes, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void requireAddresses(Buffer header, int bytes) {
        if (header.length() < START_BYTES + bytes) {
            throw Fault.BAD_FRAME.because("a PROXY header of %d bytes, of which its addresses alone are %d"
                    .formatted(header.length(), START_BYTES + bytes));
        }
    }

    /** The same in the fewest bytes: the client alone, also where it was told its own address. */
    public Buffer encode() {
        var header = Buffer.buffer(START_BYTES + 36).appendBytes(SIGNATURE);
        if (client.isEmpty()) {
            return header.appendByte((byte) LOCAL)
                    .appendByte((byte) UNSPECIFIED)
                    .appendShort((short) 0);
        }
        byte[] address = client.get().getAddress().getAddress();
        header.appendByte((byte) PROXY)
                .appendByte((byte) (address.length == 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6))
                .appendShort((short) (2 * address.length + 4));
        return header.appendBytes(address)
                .appendBytes(new byte[address.length])
                .appendShort((short) client.get().getPort())
                .appendShort((short) 0);
    }
}
