package org.pganalytics.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes over the wire when many small COPYs follow each other, and who lets go of their rows. */
class CopyExchangeTest {
    private static final int COPIES = 12;
    private final Promise<Void> promise = Promise.promise();
    private final List<Copy> copies =
            IntStream.range(0, COPIES).mapToObj(CopyExchangeTest::copy).toList();

    /** A socket that is full and empty again at whatever message tells of it while that message is being written. */
    @ParameterizedTest
    @MethodSource("watermarks")
    void whereverTheSocketIsFullEachCopyIsWhole(int high) {
        var channel = new EmbeddedChannel();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, high));
        channel.pipeline().addLast(new CopyExchange(copies, promise));

        var expected = copies.stream().map(CopyExchangeTest::onTheWire).toList();
        assertEquals(String.join("", expected), sent(channel));
        for (int i = 0; i < COPIES; i++) {
            assertFalse(promise.future().isComplete(), "no answer is too few");
            channel.writeInbound(answer('G', "\1\0\0"), answer('C', "COPY " + i + '\0'), answer('Z', "T"));
        }
        assertTrue(promise.future().succeeded());
        assertLetGo(channel);
    }

    static IntStream watermarks() {
        return IntStream.range(1, 400).map(step -> 5 * step);
    }

    @Test
    void afterARefusalTheOthersAreRefusedToo() {
        var channel = new EmbeddedChannel(new CopyExchange(copies, promise));
        channel.writeInbound(answer('G', "\1\0\0"), answer('C', "COPY 0\0"), answer('Z', "T"));
        channel.writeInbound(answer('E', "C42P01\0Mno such table\0\0"), answer('Z', "E"));
        for (int i = 2; i < COPIES; i++) {
            assertFalse(promise.future().isComplete());
            channel.writeInbound(answer('E', "C25P02\0Maborted\0\0"), answer('Z', "E"));
        }
        var failure = assertInstanceOf(PgException.class, promise.future().cause());
        assertEquals("42P01", failure.getSqlState());
        assertTrue(channel.isOpen());
        assertLetGo(channel);
    }

    @Test
    void whoeverTakesItOutOfThePipelineIsNotWaitedFor() {
        var channel = new EmbeddedChannel(new CopyExchange(copies, promise));
        channel.pipeline().remove(CopyExchange.class);
        assertInstanceOf(IllegalStateException.class, promise.future().cause());
        assertFalse(channel.isOpen(), "what follows a broken COPY would be taken for its rows");
        assertLetGo(channel);
    }

    private void assertLetGo(EmbeddedChannel channel) {
        assertNull(channel.pipeline().get(CopyExchange.class));
        channel.finishAndReleaseAll();
        copies.forEach(copy -> copy.parts().forEach(part -> assertEquals(1, part.refCnt(), "the caller's own")));
    }

    /** @param number also how many rows it is said to have */
    private static Copy copy(int number) {
        var parts = new ArrayList<ByteBuf>();
        for (int part = 0; part < 3; part++) {
            parts.add(
                    Unpooled.copiedBuffer(("<" + number + "." + part + ">").repeat(number), StandardCharsets.US_ASCII));
        }
        parts.add(Unpooled.copiedBuffer(".", StandardCharsets.US_ASCII));
        return new Copy("COPY t" + number, parts, number);
    }

    private static String onTheWire(Copy copy) {
        var rows = new StringBuilder();
        copy.parts().forEach(part -> rows.append(part.toString(StandardCharsets.US_ASCII)));
        return text(answer('Q', copy.sql() + '\0')) + text(answer('d', rows.toString())) + text(answer('c', ""));
    }

    private static ByteBuf answer(char type, String body) {
        return Unpooled.buffer()
                .writeByte(type)
                .writeInt(4 + body.length())
                .writeBytes(body.getBytes(StandardCharsets.US_ASCII));
    }

    private static String sent(EmbeddedChannel channel) {
        var all = new StringBuilder();
        for (ByteBuf message; (message = channel.readOutbound()) != null; message.release()) {
            all.append(text(message));
        }
        return all.toString();
    }

    private static String text(ByteBuf bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
