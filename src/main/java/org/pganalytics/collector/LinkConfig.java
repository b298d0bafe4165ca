package org.pganalytics.collector;

import java.time.Duration;
import org.pganalytics.fault.Limit;

/**
 * How a link behaves towards a server.
 *
 * @param connectTimeout longest a connection may take to open, 10 ms to 5 min; default 5 s
 * @param answerTimeout longest the server may owe an answer before the link is given up, 100 ms to 1 h; default 60 s
 * @param pingEvery time between two PINGs, 10 ms to 10 min; default 10 s
 * @param silenceMax longest the server may say nothing at all, more than {@code pingEvery}; default 35 s
 * @param inFlightMax most batches unanswered at once, whatever window the server gives, 1 to 1,000; default 64
 * @param retryFirst wait after the first failure, 1 ms to 1 min; it doubles with each, and is jittered; default 500 ms
 * @param retryMax longest such wait, {@code retryFirst} to 1 h; default 60 s
 */
public record LinkConfig(
        Duration connectTimeout,
        Duration answerTimeout,
        Duration pingEvery,
        Duration silenceMax,
        int inFlightMax,
        Duration retryFirst,
        Duration retryMax) {

    public LinkConfig {
        Limit.between("link.connect-timeout", connectTimeout, Duration.ofMillis(10), Duration.ofMinutes(5));
        Limit.between("link.answer-timeout", answerTimeout, Duration.ofMillis(100), Duration.ofHours(1));
        Limit.between("link.ping-every", pingEvery, Duration.ofMillis(10), Duration.ofMinutes(10));
        Limit.between("link.silence-max", silenceMax, pingEvery.plusMillis(1), Duration.ofHours(1));
        Limit.between("link.in-flight-max", inFlightMax, 1, 1_000);
        Limit.between("link.retry-first", retryFirst, Duration.ofMillis(1), Duration.ofMinutes(1));
        Limit.between("link.retry-max", retryMax, retryFirst, Duration.ofHours(1));
    }

    public static LinkConfig defaults() {
        return new LinkConfig(
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(35),
                64,
                Duration.ofMillis(500),
                Duration.ofSeconds(60));
    }
}
