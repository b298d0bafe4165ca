package org.pganalytics.ingest;

import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Headers of the PROXY protocol, version 2, written down from its specification. */
public final class ProxyHeaders {
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

    private ProxyHeaders() {}

    /** Of a connection from port 4711 of this address. */
    public static Buffer of(String address) {
        try {
            byte[] source = InetAddress.getByName(address).getAddress();
            return of(source, source.length == 4 ? 0x11 : 0x21);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The same with the IPv4 address written as an IPv6 one. */
    public static Buffer mapped(String address) throws UnknownHostException {
        var source = Buffer.buffer(new byte[10])
                .appendUnsignedShort(0xFFFF)
                .appendBytes(InetAddress.getByName(address).getAddress());
        return of(source.getBytes(), 0x21);
    }

    private static Buffer of(byte[] source, int family) {
        return start(0x21, family, 2 * source.length + 4)
                .appendBytes(source)
                .appendBytes(source)
                .appendUnsignedShort(4_711)
                .appendUnsignedShort(7_431);
    }

    /** What follows the first 16 bytes is zeros. */
    public static Buffer raw(int versionAndCommand, int family, int bytes) {
        return start(versionAndCommand, family, bytes).appendBytes(new byte[bytes]);
    }

    private static Buffer start(int versionAndCommand, int family, int bytes) {
        return Buffer.buffer(SIGNATURE, "ISO-8859-1")
                .appendByte((byte) versionAndCommand)
                .appendByte((byte) family)
                .appendUnsignedShort(bytes);
    }
}
