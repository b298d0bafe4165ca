package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** Numbers read many at once are those read one by one. */
class BytesInTest {
    /** Of every length, by how many bits they have. */
    @ParameterizedTest
    @ValueSource(ints = {1, 6, 7, 13, 14, 27, 48, 55, 56, 57, 62, 63, 64})
    void manyNumbersComeBack(int bits) {
        var random = new Random(bits);
        var values = new long[50];
        var out = new BytesOut(1 << 20);
        for (int row = 0; row < values.length; row++) {
            values[row] = random.nextLong() >> 64 - (row % 3 == 0 ? bits : 1 + random.nextInt(bits));
            out.svarint(values[row]);
        }
        var in = new BytesIn(out.toArray(), Fault.UNDECODABLE);
        var read = new long[values.length];
        in.svarints(read);

        assertArrayEquals(values, read);
        assertEquals(0, in.remaining());
    }

    @Test
    void theEndOfTheArrayIsNotTheEndOfWhatMayBeRead() {
        var bytes = new byte[] {(byte) 0x80, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        var in = new BytesIn(bytes, 0, 2, Fault.UNDECODABLE);

        assertThrows(FaultException.class, () -> in.svarints(new long[1]));
    }

    @Test
    void aNumberOfMoreThan64BitsIsRefused() {
        var bytes = new byte[16];
        Arrays.fill(bytes, (byte) 0xFF);

        assertThrows(FaultException.class, () -> new BytesIn(bytes, Fault.UNDECODABLE).svarints(new long[1]));
    }

    /** Zeros that a shorter form would leave out are read as what they say. */
    @Test
    void aNumberMayBeLongerThanItNeeds() {
        var in = new BytesIn(new byte[] {(byte) 0x82, (byte) 0x80, 0, 4, 0, 0, 0, 0, 0}, Fault.UNDECODABLE);
        var read = new long[2];
        in.svarints(read);

        assertArrayEquals(new long[] {1, 2}, read);
        assertEquals(5, in.remaining());
    }
}
