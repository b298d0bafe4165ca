package org.pganalytics.admission;

import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One collector's bucket that is never empty, asked by one event loop. */
@State(Scope.Thread)
public class TokenBucketBench {
    private final TokenBucket bucket = new TokenBucket(1e12, 1e12, System::nanoTime);

    @Benchmark
    public Duration take() {
        return bucket.take(1);
    }
}
