package org.pganalytics.identity.factor;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.RandomSecrets;
import org.pganalytics.secrets.SealException;

/** The authenticators and recovery codes of people: set up, asked for, taken away. The caller tells the audit. */
public final class SecondFactors {
    private static final int RECOVERY_CODES = 10;
    private static final String RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final int RECOVERY_GROUPS = 4;
    private static final int RECOVERY_GROUP_LENGTH = 4;
    /** What is of another length is taken for a recovery code. */
    private static final int TOTP_LENGTH = 6;

    private static final String NO_KEYS =
            "this server has no keys to seal secrets with, so that a second factor cannot be kept: its operator sets"
                    + " secrets.keys-file (./pganalytics keys create makes one)";

    private static final String BEGIN = """
            INSERT INTO person_totp AS t (person, secret) VALUES ($1, $2)
            ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, begun_at = now() WHERE t.confirmed_at IS NULL
            """;
    private static final String FIND = """
            SELECT secret, last_step FROM person_totp
            WHERE person = $1 AND (confirmed_at IS NOT NULL) = $2 FOR UPDATE
            """;
    private static final String TAKEN =
            "UPDATE person_totp SET last_step = $2, confirmed_at = coalesce(confirmed_at, now()) WHERE person = $1";
    private static final String ADD_RECOVERY =
            "INSERT INTO person_recovery_code (hash, person) SELECT unnest($2::bytea[]), $1";
    private static final String USE_RECOVERY = "DELETE FROM person_recovery_code WHERE person = $1 AND hash = $2";
    private static final String REMOVE = "DELETE FROM person_totp WHERE person = $1";

    private final Optional<Envelope> envelope;
    private final SecureRandom random;
    private final Totp totp;

    /** @param envelope seals the keys of authenticators; without one none can be set up */
    public SecondFactors(Optional<Envelope> envelope, SecureRandom random, Clock clock) {
        this.envelope = envelope;
        this.random = random;
        this.totp = new Totp(clock);
    }

    /** What an authenticator is set up with. @param key in base32, for who types it @param qrSvg the URI as a picture */
    public record Enrolment(String key, String uri, String qrSvg) {
        /** Never the key. */
        @Override
        public String toString() {
            return "Enrolment[]";
        }
    }

    /** By what somebody has proven who they are. */
    public enum Shown {
        NOTHING,
        CODE,
        RECOVERY_CODE
    }

    /** It is asked for once a first code was shown. Fails with CONFLICT when there is one already, or no key to seal it. */
    public Future<Enrolment> begin(SqlClient client, UUID person, String name) {
        if (envelope.isEmpty()) {
            return Future.failedFuture(Fault.CONFLICT.because(NO_KEYS));
        }
        var key = Totp.newKey();
        var uri = Totp.uri(key, name);
        var sealed = envelope.get().seal(place(person), key.getBytes(StandardCharsets.US_ASCII));
        return client.preparedQuery(BEGIN)
                .execute(Tuple.of(person, Buffer.buffer(sealed)))
                .compose(rows -> rows.rowCount() == 1
                        ? Future.succeededFuture(new Enrolment(key, uri, QrCode.svg(uri)))
                        : Future.failedFuture(
                                Fault.CONFLICT.because("there is a second factor already; remove it first")));
    }

    /**
     * By a first code. Returns the recovery codes. Fails with CONFLICT where none was begun, and with UNAUTHENTICATED for a
     * wrong code.
     */
    public Future<List<String>> confirm(SqlConnection tx, UUID person, String code) {
        var recovery = Stream.generate(this::recoveryCode).limit(RECOVERY_CODES).toList();
        var hashes = recovery.stream().map(SecondFactors::hash).toArray(Buffer[]::new);
        return tx.preparedQuery(FIND)
                .execute(Tuple.of(person, false))
                .compose(rows -> rows.size() == 1
                        ? take(tx, person, rows.iterator().next(), code)
                        : Future.failedFuture(Fault.CONFLICT.because("no second factor was begun; begin one first")))
                .compose(taken ->
                        tx.preparedQuery(ADD_RECOVERY).execute(Tuple.of(person).addArrayOfBuffer(hashes)))
                .map(recovery);
    }

    /**
     * Asks for the second factor of who has one. Fails with PROOF_WANTED when the code is empty, and with UNAUTHENTICATED
     * when it is wrong.
     *
     * @param code of the authenticator, or a recovery code, which is used up
     */
    public Future<Shown> demand(SqlConnection tx, UUID person, String code) {
        return tx.preparedQuery(FIND).execute(Tuple.of(person, true)).compose(rows -> {
            if (rows.size() == 0) {
                return Future.succeededFuture(Shown.NOTHING);
            }
            if (code.isEmpty()) {
                return Future.failedFuture(Fault.PROOF_WANTED.because(
                        "'code' is missing: the one of the authenticator, or a recovery code"));
            }
            return code.length() == TOTP_LENGTH
                    ? take(tx, person, rows.iterator().next(), code).map(Shown.CODE)
                    : useRecovery(tx, person, code).map(Shown.RECOVERY_CODE);
        });
    }

    private Future<Void> take(SqlConnection tx, UUID person, Row row, String code) {
        return totp.check(open(person, row.getBuffer("secret")), row.getLong("last_step"), code)
                .recover(refusal -> Future.failedFuture(wrong()))
                .compose(step -> tx.preparedQuery(TAKEN).execute(Tuple.of(person, step)))
                .mapEmpty();
    }

    private static Future<Void> useRecovery(SqlConnection tx, UUID person, String code) {
        return tx.preparedQuery(USE_RECOVERY)
                .execute(Tuple.of(person, hash(code.strip().toLowerCase(Locale.ROOT))))
                .compose(used -> used.rowCount() == 1 ? Future.succeededFuture() : Future.failedFuture(wrong()));
    }

    private static FaultException wrong() {
        return Fault.UNAUTHENTICATED.because("the code is wrong, or was used before");
    }

    /** With the recovery codes. Returns whether there was one. */
    public Future<Boolean> remove(SqlClient client, UUID person) {
        return client.preparedQuery(REMOVE).execute(Tuple.of(person)).map(rows -> rows.rowCount() == 1);
    }

    private String open(UUID person, Buffer sealed) {
        try {
            var opening = envelope.orElseThrow(() -> unopened("there are no keys on this server", null));
            return new String(opening.open(place(person), sealed.getBytes()), StandardCharsets.US_ASCII);
        } catch (SealException closed) {
            throw unopened("it " + closed.getMessage(), closed);
        }
    }

    private static FaultException unopened(String why, SealException cause) {
        return Fault.INTERNAL.because("the second factor cannot be looked at: " + why, cause);
    }

    private static Envelope.Place place(UUID person) {
        return new Envelope.Place("person_totp", "secret", person.toString());
    }

    /** Of 31 letters and digits that nobody takes for each other, 16 times: 79 bits. */
    private String recoveryCode() {
        return IntStream.range(0, RECOVERY_GROUPS)
                .mapToObj(group -> random.ints(RECOVERY_GROUP_LENGTH, 0, RECOVERY_ALPHABET.length())
                        .mapToObj(i -> String.valueOf(RECOVERY_ALPHABET.charAt(i)))
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("-"));
    }

    private static Buffer hash(String code) {
        return Buffer.buffer(RandomSecrets.hash(code));
    }
}
