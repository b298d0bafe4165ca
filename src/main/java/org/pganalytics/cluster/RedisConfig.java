package org.pganalytics.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.pganalytics.fault.Limit;

/**
 * Where several servers keep what they share for speed; without URLs each keeps it for itself.
 *
 * @param mode standalone: one Redis; sentinel: the master that sentinels name; cluster: a Redis cluster
 * @param urls of the Redis, of sentinels, or of some nodes of the cluster: redis://host:port or, with TLS,
 *     rediss://host:port; at most 16; empty for none
 * @param masterName under which sentinels know the master
 * @param user of Redis' ACL, of sentinels too; empty for the user named default
 * @param password of that user, of sentinels too; empty for none
 * @param ca PEM file of the authority that certified Redis; null for the system's
 * @param connectTimeout longest until a connection stands, signing in included, 100 ms to 1 min; default 2 s
 * @param callTimeout longest wait for an answer; then the connection is given up, 10 ms to 10 s; default 500 ms
 * @param retryMax longest pause before the next attempt to connect; pauses double from 100 ms on; 100 ms to 5 min;
 *     default 5 s
 * @param callsMax calls under way at once, 16 to 100 000; default 2 000; more fail at once
 * @param prefix of every key, 1 to 64 characters of a-z, A-Z, 0-9, _, - and :; servers of one fleet have the same one
 * @param renewEvery between two settlements of what a collector sent with what it may still send, 50 ms to 2 s; default
 *     200 ms; a server takes at most twice as long a time's worth at once
 */
public record RedisConfig(
        Mode mode,
        List<String> urls,
        String masterName,
        String user,
        String password,
        Path ca,
        Duration connectTimeout,
        Duration callTimeout,
        Duration retryMax,
        int callsMax,
        String prefix,
        Duration renewEvery) {
    private static final int URLS_MAX = 16;
    private static final String TLS = "rediss";
    private static final Pattern URL =
            Pattern.compile("rediss?://([a-zA-Z0-9._-]+|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?/?");

    /** What there is at the URLs. */
    public enum Mode {
        STANDALONE,
        SENTINEL,
        CLUSTER
    }

    public RedisConfig {
        urls = List.copyOf(urls);
        requireUrls(mode, urls);
        Limit.filled("redis.master-name", masterName);
        if (!prefix.matches("[a-zA-Z0-9_:-]{1,64}")) {
            throw new IllegalArgumentException(
                    "redis.prefix = '%s' must be 1 to 64 of a-z, A-Z, 0-9, _, - and :".formatted(prefix));
        }
        if (!user.isEmpty() && password.isEmpty()) {
            throw new IllegalArgumentException("redis.user needs redis.password or redis.password-file");
        }
        Limit.between("redis.connect-timeout", connectTimeout, Duration.ofMillis(100), Duration.ofMinutes(1));
        Limit.between("redis.call-timeout", callTimeout, Duration.ofMillis(10), Duration.ofSeconds(10));
        Limit.between("redis.retry-max", retryMax, Duration.ofMillis(100), Duration.ofMinutes(5));
        Limit.between("redis.calls-max", callsMax, 16, 100_000);
        Limit.between("redis.renew-every", renewEvery, Duration.ofMillis(50), Duration.ofSeconds(2));
    }

    private static void requireUrls(Mode mode, List<String> urls) {
        if (urls.size() > URLS_MAX || mode == Mode.STANDALONE && urls.size() > 1) {
            throw new IllegalArgumentException(
                    "redis.urls must be one with redis.mode = standalone, else at most %d".formatted(URLS_MAX));
        }
        if (urls.stream().map(RedisConfig::scheme).distinct().count() > 1) {
            throw new IllegalArgumentException("redis.urls must be all redis:// or all rediss://");
        }
    }

    /** Who the user is does not belong there: URLs are shown. The refusal does not repeat what it refuses. */
    private static String scheme(String url) {
        if (!URL.matcher(url).matches()) {
            throw new IllegalArgumentException("redis.urls must be redis://host:port or rediss://host:port, without a"
                    + " user, password or database: set redis.user and redis.password");
        }
        return url.substring(0, url.indexOf(':'));
    }

    /** The defaults, for these URLs. */
    public static RedisConfig of(Mode mode, List<String> urls) {
        return new RedisConfig(
                mode,
                urls,
                "mymaster",
                "",
                "",
                null,
                Duration.ofSeconds(2),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                2_000,
                "pganalytics",
                Duration.ofMillis(200));
    }

    public boolean isConfigured() {
        return !urls.isEmpty();
    }

    boolean hasTls() {
        return urls.stream().anyMatch(url -> scheme(url).equals(TLS));
    }

    /** Never the password. */
    @Override
    public String toString() {
        return "RedisConfig[%s %s]".formatted(mode, urls);
    }
}
