package org.pganalytics.ingest.v3;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * Limits of pushes from version 3 collectors.
 *
 * @param bodyBytesMax most bytes of a push, as it comes and uncompressed; a refused one is never made smaller, so at least
 *     64 MiB, at most 1 GiB; default 128 MiB
 * @param pushTime longest a push may take to arrive, the waits for room included; 1 s to 1 h, default 10 min
 * @param overloadWait how long a push waits for room before it is refused; 0 to 50 s, default 25 s; shorter than
 *     http.idle-time
 * @param retryWait how long a repeated push waits, once to be let in and once for room, before it is cut off: a collector
 *     that was told 401 drops what it repeats with any answer but 200; 0 to 50 s, default 50 s; shorter than http.idle-time
 * @param retriesHeldMax most repeated pushes that wait to be let in at once, a few kB each; 0 to 100 000, default 1 000;
 *     more are cut off at once when they cannot be let in
 */
public record V3Config(
        int bodyBytesMax, Duration pushTime, Duration overloadWait, Duration retryWait, int retriesHeldMax) {
    public V3Config {
        Limit.between("v3.body-bytes-max", bodyBytesMax, 64 << 20, 1 << 30);
        Limit.between("v3.push-time", pushTime, Duration.ofSeconds(1), Duration.ofHours(1));
        Limit.between("v3.overload-wait", overloadWait, Duration.ZERO, Duration.ofSeconds(50));
        Limit.between("v3.retry-wait", retryWait, Duration.ZERO, Duration.ofSeconds(50));
        Limit.between("v3.retries-held-max", retriesHeldMax, 0, 100_000);
    }

    public static V3Config standard() {
        return new V3Config(128 << 20, Duration.ofMinutes(10), Duration.ofSeconds(25), Duration.ofSeconds(50), 1_000);
    }
}
