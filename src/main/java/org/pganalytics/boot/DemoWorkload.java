package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small shop that keeps a database busy, so that the demo has something to watch. Runs on one event loop. */
final class DemoWorkload {
    private static final Logger LOG = LoggerFactory.getLogger(DemoWorkload.class);
    private static final long EVERY_MILLIS = 100;
    private static final int PRODUCTS = 1_000;

    private static final List<String> TABLES = List.of(
            "CREATE TABLE IF NOT EXISTS product (id int PRIMARY KEY, name text NOT NULL, stock int NOT NULL)",
            "CREATE TABLE IF NOT EXISTS sale (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                    + " product_id int NOT NULL REFERENCES product, sold_at timestamptz NOT NULL DEFAULT now(),"
                    + " amount int NOT NULL)",
            "CREATE INDEX IF NOT EXISTS sale_product_id ON sale (product_id)",
            "CREATE INDEX IF NOT EXISTS product_name_unused ON product (name)",
            "INSERT INTO product SELECT n, 'product ' || n, 1000 FROM generate_series(1, %d) n ON CONFLICT DO NOTHING"
                    .formatted(PRODUCTS));

    private final Vertx vertx;
    private final Pool pool;
    private final Random random;
    private long timer = -1;
    private boolean busy;

    /** @param pool to the database that is kept busy; @param random with a seed of the caller's */
    DemoWorkload(Vertx vertx, Pool pool, Random random) {
        this.vertx = vertx;
        this.pool = pool;
        this.random = random;
    }

    Future<Void> start() {
        Future<Void> made = Future.succeededFuture();
        for (var statement : TABLES) {
            made = made.compose(before -> pool.query(statement).execute()).mapEmpty();
        }
        return made.onSuccess(ready -> timer = vertx.setPeriodic(EVERY_MILLIS, tick -> step()));
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    private void step() {
        if (busy) {
            return;
        }
        busy = true;
        int product = 1 + random.nextInt(PRODUCTS);
        int amount = 1 + random.nextInt(5);
        sell(product, amount)
                .compose(sold -> look(product))
                .onFailure(failure -> LOG.debug("the demo's workload missed a step", failure))
                .onComplete(done -> busy = false);
    }

    private Future<Void> sell(int product, int amount) {
        return pool.withTransaction(tx -> tx.preparedQuery(
                        "UPDATE product SET stock = greatest(stock - $2, 0) + $2 WHERE id = $1")
                .execute(Tuple.of(product, amount))
                .compose(updated -> tx.preparedQuery("INSERT INTO sale (product_id, amount) VALUES ($1, $2)")
                        .execute(Tuple.of(product, amount)))
                .mapEmpty());
    }

    /** Now and then somebody reads a lot, tidies up, or asks for what is not there. */
    private Future<Void> look(int product) {
        return switch (random.nextInt(20)) {
            case 0 ->
                pool.query("SELECT product_id, sum(amount) FROM sale GROUP BY 1 ORDER BY 2 DESC LIMIT 10")
                        .execute()
                        .mapEmpty();
            case 1 ->
                pool.query("DELETE FROM sale WHERE sold_at < now() - interval '10 minutes'")
                        .execute()
                        .mapEmpty();
            default ->
                pool.preparedQuery("SELECT p.name, count(s.id) FROM product p LEFT JOIN sale s"
                                + " ON s.product_id = p.id WHERE p.id = $1 GROUP BY p.name")
                        .execute(Tuple.of(product))
                        .mapEmpty();
        };
    }
}
