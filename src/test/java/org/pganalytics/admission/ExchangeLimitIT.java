package org.pganalytics.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pganalytics.database.TestDatabase;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** A fleet of version 3 asks for a token before each push, all of it from one address perhaps; strangers are there, too. */
class ExchangeLimitIT {
    private static final OldBackend OLD = new OldBackend("the secret of the old backend");
    private static final int FLEET = 500;
    private static TestDatabase database;
    private static Office office;

    @BeforeAll
    static void open() {
        database = TestDatabase.create().migrated();
        // As shipped: 50 attempts a second and 200 at once an address; a tenth of that may fail.
        office = Office.open(database, new V3TokensConfig(Optional.of(OLD.secret()), Duration.ofDays(90)));
    }

    @AfterAll
    static void close() {
        office.close();
        database.close();
    }

    private static List<String> exchanged(List<String> tokens, String address) {
        var answers = tokens.stream()
                .map(token -> office.doorkeeper.exchange(token, address))
                .toList();
        Office.await(Future.join(answers).otherwiseEmpty());
        return answers.stream().map(answer -> answer.result().token()).toList();
    }

    private static void strangersAreLimited(String address) {
        long limited = IntStream.range(0, 200)
                .mapToObj(i -> Office.faultOf(office.doorkeeper.exchange("no.such.token" + i, address)))
                .filter(Fault.RATE_LIMITED::equals)
                .count();
        assertTrue(limited > 100, limited + " of 200 were limited");
    }

    @Test
    void aFleetBehindOneAddressIsNotLimitedWhileStrangersThereAre() {
        var address = "192.0.2.1";
        var tokens = IntStream.range(0, FLEET)
                .mapToObj(i -> OLD.token(UUID.randomUUID(), Duration.ofDays(1)))
                .toList();
        for (int interval = 0; interval < 5; interval++) {
            tokens = exchanged(tokens, address);
            strangersAreLimited(address);
        }
        for (var token : tokens) {
            Office.await(office.doorkeeper.authenticate(token));
        }
    }

    @Test
    void oneThatAsksAllTheTimeIsLimitedByItselfAndToldWhenToComeAgain() {
        var token = OLD.token(UUID.randomUUID(), Duration.ZERO);
        Office.await(office.doorkeeper.exchange(token, "192.0.2.2"));
        var answers = new ArrayList<Future<TokenGrant>>();
        for (int i = 0; i < 3_000; i++) {
            answers.add(office.doorkeeper.exchange(token, "192.0.2." + i % 250));
        }
        Office.await(Future.join(answers).otherwiseEmpty());
        var refused = answers.stream().filter(Future::failed).toList();
        assertTrue(refused.size() > 1_000, "refused " + refused.size());
        refused.forEach(answer -> {
            assertEquals(Fault.RATE_LIMITED, Fault.of(answer.cause()));
            assertTrue(((FaultException) answer.cause()).retryAfter().isPresent());
        });
        var another = OLD.token(UUID.randomUUID(), Duration.ZERO);
        Office.await(office.doorkeeper.exchange(another, "192.0.2.2"));
    }
}
