package org.pganalytics.database;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import java.time.Duration;

/**
 * A question to one host of a database, on a connection of its own.
 *
 * @param sql gives one row
 * @param patience longest that it has to answer; leaves no connection behind then
 */
record HostQuestion(Vertx vertx, String sql, Duration patience) {

    Future<Row> ask(DatabaseAddress host) {
        int millis = (int) patience.toMillis();
        var pool = PgBuilder.pool()
                .with(new PoolOptions()
                        .setMaxSize(1)
                        .setConnectionTimeout(millis)
                        .setConnectionTimeoutUnit(MILLISECONDS))
                .with(new NetClientOptions()
                        .setConnectTimeout(millis)
                        .setIdleTimeout(millis)
                        .setIdleTimeoutUnit(MILLISECONDS))
                .connectingTo(host.connectOptions().addProperty("application_name", "pganalytics search"))
                .using(vertx)
                .build();
        return pool.query(sql)
                .execute()
                .timeout(millis, MILLISECONDS)
                .map(rows -> rows.iterator().next())
                .onComplete(answered -> pool.close());
    }
}
