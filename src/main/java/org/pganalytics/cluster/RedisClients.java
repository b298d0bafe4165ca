package org.pganalytics.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.RedisReplicas;
import io.vertx.redis.client.RedisRole;

/** Makes clients of Redis as the configuration says. */
final class RedisClients {
    /** One is held; asking a cluster or sentinels who is where takes others for a moment. */
    private static final int CONNECTIONS_MAX = 4;

    private static final int WAITING_MAX = 16;
    private static final long TOPOLOGY_LASTS_MILLIS = 5_000;

    /** What is sent besides the calls: the greeting, signing in. */
    private static final int OF_OUR_OWN = 16;

    private RedisClients() {}

    static Redis make(Vertx vertx, RedisConfig config) {
        var options = new RedisOptions()
                .setType(type(config.mode()))
                .setNetClientOptions(network(config))
                .setMasterName(config.masterName())
                .setRole(RedisRole.MASTER)
                // A failover ends the connection, and with it this client.
                .setAutoFailover(false)
                .setUseReplicas(RedisReplicas.NEVER)
                .setTopologyCacheTTL(TOPOLOGY_LASTS_MILLIS)
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setMaxPoolWaiting(WAITING_MAX)
                .setPoolCleanerInterval(-1)
                .setPoolRecycleTimeout(-1)
                .setMaxWaitingHandlers(config.callsMax() + OF_OUR_OWN)
                .setPoolName("redis");
        config.urls().forEach(options::addConnectionString);
        if (!config.password().isEmpty()) {
            options.setPassword(config.password());
        }
        if (!config.user().isEmpty()) {
            options.setUser(config.user());
        }
        return Redis.createClient(vertx, options);
    }

    private static RedisClientType type(RedisConfig.Mode mode) {
        return switch (mode) {
            case STANDALONE -> RedisClientType.STANDALONE;
            case SENTINEL -> RedisClientType.SENTINEL;
            case CLUSTER -> RedisClientType.CLUSTER;
        };
    }

    private static NetClientOptions network(RedisConfig config) {
        var network = new NetClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true);
        if (config.hasTls()) {
            network.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
            if (config.ca() != null) {
                network.setTrustOptions(
                        new PemTrustOptions().addCertPath(config.ca().toString()));
            }
        }
        return network;
    }
}
