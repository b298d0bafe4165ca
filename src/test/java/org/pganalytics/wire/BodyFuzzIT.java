package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.FamilySchema;

/** Looks for uncompressed bodies that let out anything but blocks, UNDECODABLE and UNKNOWN_FAMILY. */
class BodyFuzzIT {
    private final FamilySchema schema = VectorFrames.blocks("one").get(0).schema();
    private final BatchDecoder decoder = new BatchDecoder(new WireLimits(1 << 20, 100, 5_000, 100));
    private final BatchEncoder encoder = new BatchEncoder(1);

    @FuzzTest(maxDuration = "20s")
    void blocksOrUndecodable(byte[] bytes) {
        List<ColumnBlock> blocks;
        try {
            // Any fingerprint is declared: guessing eight bytes of a hash would keep the fuzzer at the door.
            blocks = decoder.blocks(bytes, fingerprint -> fingerprint == 0 ? null : schema);
        } catch (FaultException refusal) {
            assertTrue(refusal.fault() == Fault.UNDECODABLE || refusal.fault() == Fault.UNKNOWN_FAMILY);
            return;
        }
        assertEquals(blocks, decoder.blocks(encoder.body(blocks), fingerprint -> schema));
    }
}
