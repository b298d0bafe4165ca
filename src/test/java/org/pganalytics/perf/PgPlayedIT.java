package org.pganalytics.perf;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;

/** What a real PostgreSQL answered is answered again, in turn, without it. */
class PgPlayedIT {
    private static final String FAMILY = "SELECT n, repeat('x', n) FROM generate_series(1, 300) n";
    private static final String MOVING = "SELECT count(*) FROM moving";
    private static final String REFUSED = "SELECT * FROM pg_hba_file_rules";
    private static final String TEXTS = "SELECT $1::int8";

    private final Vertx vertx = Vertx.vertx();
    private final PgRecording recording = new PgRecording();
    private final List<PgConnection> clients = new ArrayList<>();

    /** The clients first: Vert.x may wait for them. */
    @AfterEach
    void close() throws Exception {
        for (var client : clients) {
            await(client.close().otherwiseEmpty());
        }
        await(vertx.close());
    }

    @Test
    void aClientIsToldWhatWasRecordedReadingByReading() throws Exception {
        var recorded = new ArrayList<Object>();
        PgConnectOptions options;
        try (var database = TestDatabase.create()) {
            database.execute("CREATE TABLE moving (id int)");
            options = database.address().connectOptions();
            var relay = await(PgRelay.listen(vertx, options.getPort(), recording));
            var client = connect(options, relay);
            for (int reading = 0; reading < 3; reading++) {
                recorded.add(read(client));
                database.execute("INSERT INTO moving VALUES (1)");
            }
            await(client.close());
        }

        var target = new PgPlayed(recording);
        var listening = await(target.listen(vertx));
        var client = connect(options, listening);
        var played = List.of(read(client), read(client), read(client), read(client));

        assertEquals(
                List.of(0L, 1L, 2L), recorded.stream().map(PgPlayedIT::moving).toList());
        assertEquals(recorded, played.subList(0, 3));
        assertEquals(recorded.get(0), played.get(3));
    }

    @Test
    void onlyWhatIsReadOfAFamilyCountsAsARead() throws Exception {
        var options = recorded();
        var target = new PgPlayed(recording);
        var client = connect(options, await(target.listen(vertx)));

        read(client);
        var whole = target.readSince();

        assertEquals(2, whole.size(), whole::toString);
        assertFalse(target.hasRead(whole));
        read(client);
        assertTrue(target.hasRead(whole));
    }

    @Test
    void aReadingThatWasRefusedIsNotToComeAgain() throws Exception {
        recorded();
        assertEquals(
                Set.of(),
                recording.readings().stream()
                        .filter(text -> text.contains(REFUSED))
                        .collect(toSet()));
        assertEquals(2, recording.readings().size(), recording.readings()::toString);
    }

    @Test
    void whatWasNotRecordedIsAFailureThatIsKept() throws Exception {
        var client = connect(recorded(), await(new PgPlayed(recording).listen(vertx)));
        recording.check();
        var asked = client.query("SELECT 'something else'").execute();
        assertThrows(ExecutionException.class, () -> await(asked));
        var failure = assertThrows(IllegalStateException.class, recording::check);
        assertTrue(failure.getCause().getMessage().contains("something else"), failure.getCause()::getMessage);
    }

    /** One round of readings, and one that is refused. @return how to connect */
    private PgConnectOptions recorded() throws Exception {
        try (var database = TestDatabase.create()) {
            database.execute("CREATE TABLE moving (id int)");
            var options = database.address().connectOptions();
            var client = connect(options, await(PgRelay.listen(vertx, options.getPort(), recording)));
            read(client);
            await(client.query("BEGIN READ ONLY").execute());
            var refused = client.preparedQuery(REFUSED).execute();
            assertThrows(ExecutionException.class, () -> await(refused));
            await(client.close());
            return options;
        }
    }

    /** As the agent does: what it is about, then families in transactions, and texts by their keys. */
    private static List<Object> read(PgConnection client) throws Exception {
        var found = new ArrayList<Object>();
        await(client.preparedQuery("SELECT current_setting('server_version_num')")
                .execute());
        for (var sql : List.of(FAMILY, MOVING, TEXTS)) {
            await(client.query("BEGIN READ ONLY").execute());
            var parameters = sql.equals(TEXTS) ? Tuple.of(7L) : Tuple.tuple();
            var rows = await(client.prepare(sql)
                    .compose(prepared -> prepared.cursor(parameters).read(1_000)));
            rows.forEach(row -> found.add(row.deepToString()));
            await(client.query("COMMIT").execute());
        }
        return found;
    }

    private static long moving(Object reading) {
        var rows = (List<?>) reading;
        return Long.parseLong(rows.get(300).toString().replaceAll("\\D", ""));
    }

    private PgConnection connect(PgConnectOptions options, NetServer server) throws Exception {
        var there = new PgConnectOptions(options).setHost("127.0.0.1").setPort(server.actualPort());
        var client = await(PgConnection.connect(vertx, there));
        clients.add(client);
        return client;
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
