package org.pganalytics.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisConfigTest {
    private static RedisConfig at(RedisConfig.Mode mode, String... urls) {
        return RedisConfig.of(mode, List.of(urls));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://pganalytics:hunter2@redis:6379",
                "redis://:hunter2@redis",
                "redis://redis?password=hunter2",
                "redis://redis/0",
                "unix:///run/redis.sock",
                "http://redis",
                "redis",
                "redis://",
                "redis://a b"
            })
    void aUrlIsAHostAndAPortAndNoSecretIsRepeated(String url) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> at(RedisConfig.Mode.STANDALONE, url));
        assertTrue(refusal.getMessage().startsWith("redis.urls must be redis://host:port"), refusal.getMessage());
        assertFalse(refusal.getMessage().contains("hunter2"));
    }

    @Test
    void oneRedisHasOneUrlAndAllUrlsEncryptOrNone() {
        assertThrows(IllegalArgumentException.class, () -> at(RedisConfig.Mode.STANDALONE, "redis://a", "redis://b"));
        assertThrows(IllegalArgumentException.class, () -> at(RedisConfig.Mode.CLUSTER, "redis://a", "rediss://b"));
        assertTrue(at(RedisConfig.Mode.CLUSTER, "rediss://a:1", "rediss://[::1]:2/")
                .hasTls());
        assertFalse(at(RedisConfig.Mode.SENTINEL, "redis://a", "redis://b").hasTls());
        assertFalse(at(RedisConfig.Mode.STANDALONE).isConfigured());
    }

    @Test
    void thePasswordIsNotShown() {
        var shipped = at(RedisConfig.Mode.STANDALONE, "redis://a");
        var config = new RedisConfig(
                shipped.mode(),
                shipped.urls(),
                "mymaster",
                "someone",
                "hunter2",
                null,
                shipped.connectTimeout(),
                shipped.callTimeout(),
                shipped.retryMax(),
                16,
                "p",
                shipped.renewEvery());
        assertEquals("RedisConfig[STANDALONE [redis://a]]", config.toString());
    }
}
