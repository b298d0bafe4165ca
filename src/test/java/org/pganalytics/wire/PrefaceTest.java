package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.buffer.Buffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** The first eight bytes of each side. */
class PrefaceTest {
    @Test
    void theBytesAreThoseOfTheDocument() {
        assertEquals(
                "5047414e01010000",
                HexFormat.of().formatHex(Preface.ours().encode().getBytes()));
        assertEquals(
                "5047414e01000000", HexFormat.of().formatHex(Preface.answer(1).getBytes()));
    }

    @Test
    void aVersionInCommonIsChosen() {
        assertEquals(1, Preface.parse(new Preface(1, 9).encode()).choose());
        assertEquals(
                Preface.NO_VERSION, Preface.parse(new Preface(2, 9).encode()).choose());
        assertEquals(1, Preface.parseAnswer(Preface.answer(1)));
        assertEquals(0, Preface.parseAnswer(Preface.answer(Preface.NO_VERSION)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "474554202f204854",
                "5047414e00010000",
                "5047414e02010000",
                "5047414e01010001",
                "5047414e01010100",
                "16030100a5010000",
                "0000000000000000"
            })
    void anythingElseIsABadFrame(String hex) {
        var bytes = Buffer.buffer(HexFormat.of().parseHex(hex));

        assertEquals(
                Fault.BAD_FRAME,
                assertThrows(FaultException.class, () -> Preface.parse(bytes)).fault());
    }

    @Test
    void anAnswerOfAnotherProtocolIsABadFrame() {
        var bytes = Buffer.buffer("HTTP/1.1 400 Bad Request");

        assertEquals(
                Fault.BAD_FRAME,
                assertThrows(FaultException.class, () -> Preface.parseAnswer(bytes))
                        .fault());
    }
}
