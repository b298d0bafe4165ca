package org.pganalytics.wire.v3;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.Random;

/** Looks for JSON that is heard otherwise than by Jackson, or refused by one of the two only. */
class JsonFeedFuzzIT {
    @FuzzTest(maxDuration = "20s")
    void heardAsByJackson(byte[] text) {
        JsonFeedTest.assertAgree(text, new Random(Arrays.hashCode(text)));
    }
}
