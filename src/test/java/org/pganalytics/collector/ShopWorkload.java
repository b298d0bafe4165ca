package org.pganalytics.collector;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * What an application does to a PostgreSQL: about 300 statements on 60 tables, few of them often, and beside them the
 * transaction of pgbench. Threads of its own, until it is closed.
 */
final class ShopWorkload implements AutoCloseable {
    private static final List<String> THINGS = List.of(
            "order", "customer", "invoice", "payment", "shipment", "product", "cart", "session", "refund", "voucher");
    private static final List<String> KINDS = List.of("head", "item", "event", "archive", "note", "queue");
    private static final List<String> SHAPES = List.of(
            "SELECT * FROM %1$s WHERE id = ?",
            "SELECT id, status, amount FROM %1$s WHERE customer_id = ? ORDER BY created_at DESC LIMIT 20",
            "INSERT INTO %1$s (customer_id, status, amount, note) VALUES (?, 'new', 12.5, 'from the shop')",
            "UPDATE %1$s SET status = 'paid', updated_at = now() WHERE id = ?",
            "SELECT a.status, count(*), sum(b.amount) FROM %1$s a JOIN %2$s b ON b.customer_id = a.customer_id"
                    + " WHERE a.id < ? GROUP BY a.status");
    private static final List<String> TRANSACTION = List.of(
            "UPDATE pgbench_accounts SET abalance = abalance + 17 WHERE aid = ?",
            "SELECT abalance FROM pgbench_accounts WHERE aid = ?",
            "UPDATE pgbench_tellers SET tbalance = tbalance + 17 WHERE tid = ? % 10 + 1",
            "UPDATE pgbench_branches SET bbalance = bbalance + 17 WHERE bid = ? % 1 + 1",
            "INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, ?, 17, CURRENT_TIMESTAMP)");
    private static final int KEYS = 2_000;
    private static final int CLIENTS = 8;
    private static final int PGBENCH_CLIENTS = 2;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    private final DataSource database;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    private ShopWorkload(DataSource database) {
        this.database = database;
    }

    static ShopWorkload start(DataSource database) throws SQLException {
        var workload = new ShopWorkload(database);
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            tables(statement);
        }
        for (int client = 0; client < CLIENTS + PGBENCH_CLIENTS; client++) {
            int number = client;
            var thread = new Thread(() -> workload.work(number), "shop " + number);
            thread.start();
            workload.threads.add(thread);
        }
        return workload;
    }

    private static void tables(Statement statement) throws SQLException {
        for (var thing : THINGS) {
            for (var kind : KINDS) {
                var table = thing + "_" + kind;
                statement.execute(("CREATE TABLE %1$s (id bigserial PRIMARY KEY, customer_id bigint, status text,"
                                + " amount numeric, note text, created_at timestamptz DEFAULT now(),"
                                + " updated_at timestamptz);"
                                + " CREATE INDEX %1$s_customer_id ON %1$s (customer_id);"
                                + " INSERT INTO %1$s (customer_id, status, amount, note)"
                                + " SELECT n %% 500, 'open', n / 7.0, repeat('x', n %% 90) FROM generate_series(1, %2$d) n")
                        .formatted(table, kind.length() * thing.length() * 40));
            }
        }
        statement.execute("CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));"
                + " CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));"
                + " CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));"
                + " CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));"
                + " INSERT INTO pgbench_branches VALUES (1, 0);"
                + " INSERT INTO pgbench_tellers SELECT n, 1, 0 FROM generate_series(1, 10) n;"
                + " INSERT INTO pgbench_accounts SELECT n, 1, 0 FROM generate_series(1, 100000) n");
    }

    private void work(int client) {
        var random = new Random(client);
        while (!closed) {
            try (var connection = database.getConnection()) {
                while (!closed) {
                    if (client < CLIENTS) {
                        one(connection, statement(random), random);
                    } else {
                        transaction(connection, random);
                    }
                    LockSupport.parkNanos((long) (PAUSE_NANOS * -Math.log(1 - random.nextDouble())));
                }
            } catch (SQLException failure) {
                System.err.println("the workload goes on with a new connection: " + failure.getMessage());
            }
        }
    }

    /** The nearer to the list's beginning, the more often. */
    private static String statement(Random random) {
        int all = THINGS.size() * KINDS.size() * SHAPES.size();
        int pick = (int) (all * Math.pow(random.nextDouble(), 3)) * 37 % all;
        var thing = THINGS.get(pick % THINGS.size());
        var table = thing + "_" + KINDS.get(pick / THINGS.size() % KINDS.size());
        return SHAPES.get(pick / THINGS.size() / KINDS.size()).formatted(table, thing + "_head");
    }

    private static void transaction(Connection connection, Random random) throws SQLException {
        connection.setAutoCommit(false);
        for (var statement : TRANSACTION) {
            one(connection, statement, random);
        }
        connection.commit();
    }

    private static void one(Connection connection, String sql, Random random) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, 1 + random.nextInt(KEYS));
            statement.execute();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (var thread : threads) {
            thread.join();
        }
    }
}
