package org.pganalytics.wire.v3;

import com.github.luben.zstd.Zstd;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Writes the binary push of version 3, by its description and not by our reader. */
public final class V3Binary {
    private V3Binary() {}

    /** @param zstd both layers; else plain bytes, as of a collector built without it */
    public static byte[] body(JsonObject push, boolean zstd) throws IOException {
        var frame = frame(push, zstd);
        return zstd ? Zstd.compress(frame, 3) : frame;
    }

    static byte[] frame(JsonObject push, boolean zstd) throws IOException {
        return frame(push, encoded -> zstd ? Zstd.compress(encoded, 3) : encoded);
    }

    /** Packs bytes. */
    public interface Packing {
        byte[] pack(byte[] bytes) throws IOException;
    }

    public static byte[] frame(JsonObject push, Packing packing) throws IOException {
        var encoded = new ByteArrayOutputStream();
        value(new DataOutputStream(encoded), push);
        var payload = packing.pack(encoded.toByteArray());
        var frame = ByteBuffer.allocate(32 + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0xDEADBEEF).putInt(1).putInt(1).putInt(payload.length).putInt(0);
        frame.put((byte) 1).position(32).put(payload);
        return checked(frame.array());
    }

    /** The frame with a checksum that fits its payload. */
    static byte[] checked(byte[] frame) {
        var crc = new CRC32();
        crc.update(frame, 32, frame.length - 32);
        ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(16, (int) crc.getValue());
        return frame;
    }

    private static void value(DataOutputStream out, Object value) throws IOException {
        if (value == null) {
            out.writeByte(0);
        } else if (value instanceof Boolean truth) {
            out.writeByte(1);
            out.writeBoolean(truth);
        } else if (value instanceof Integer number) {
            out.writeByte(2);
            out.writeInt(Integer.reverseBytes(number));
        } else if (value instanceof Long number) {
            out.writeByte(3);
            out.writeLong(Long.reverseBytes(number));
        } else if (value instanceof Double number) {
            out.writeByte(5);
            out.writeLong(Long.reverseBytes(Double.doubleToRawLongBits(number)));
        } else if (value instanceof String text) {
            out.writeByte(6);
            text(out, text);
        } else {
            structure(out, value);
        }
    }

    private static void structure(DataOutputStream out, Object value) throws IOException {
        if (value instanceof JsonArray array) {
            out.writeByte(7);
            varint(out, array.size());
            for (var element : array) {
                value(out, element);
            }
        } else {
            var object = (JsonObject) value;
            out.writeByte(8);
            varint(out, object.size());
            for (var name : object.fieldNames()) {
                text(out, name);
                value(out, object.getValue(name));
            }
        }
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        varint(out, bytes.length);
        out.write(bytes);
    }

    private static void varint(DataOutputStream out, int value) throws IOException {
        int left = value;
        for (; left > 0x7F; left >>>= 7) {
            out.writeByte(left & 0x7F | 0x80);
        }
        out.writeByte(left);
    }
}
