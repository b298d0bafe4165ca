package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.pganalytics.audit.AuditRecord;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.fault.RetrySpread;
import org.pganalytics.model.CollectorPrincipal;

/** The doorkeeper that goes by the tables of the database. Thread-safe. */
final class TableDoorkeeper implements Doorkeeper {
    private static final int NAME_LENGTH_MAX = 255;
    private static final int VERSION_LENGTH_MAX = 64;
    private static final Duration BUSY_FOR = Duration.ofSeconds(1);
    private static final String ADD = "INSERT INTO collector (collector_id, name, agent_version) VALUES ($1, $2, $3)";

    /** The parts it is made of. */
    record Parts(
            Pool pool,
            Bus bus,
            AuditTrail audit,
            AddressLimiter addresses,
            Revocations revocations,
            SecretCheck secrets,
            RefreshSecrets refreshSecrets,
            CollectorTokens tokens,
            V3Identities v3,
            ExchangeLimiter exchanges,
            RetrySpread spread) {}

    private final Parts parts;
    private final AdmissionConfig config;
    private final AtomicInteger pending = new AtomicInteger();

    TableDoorkeeper(Parts parts, AdmissionConfig config) {
        this.parts = parts;
        this.config = config;
    }

    @Override
    public Future<Registration> register(String secret, String name, String version, String address) {
        return register(secret, new Applicant(name, version, address, false));
    }

    @Override
    public Future<Registration> registerV3(String secret, String name, String version, String address) {
        return register(secret, new Applicant(name, version, address, true));
    }

    /** Who wants to be a collector. */
    private record Applicant(String name, String version, String address, boolean v3) {}

    private Future<Registration> register(String secret, Applicant who) {
        return limited(
                who.address(),
                () -> checked(who.name(), who.version())
                        .compose(fine -> parts.secrets().find(secret))
                        .compose(named -> register(named, who)));
    }

    @Override
    public boolean knows(String token) {
        return parts.v3().knows(token);
    }

    @Override
    public Future<CollectorPrincipal> authenticate(String token) {
        return parts.v3()
                .verify(token)
                .compose(principal ->
                        parts.revocations().find(principal.collector()).compose(state -> standing(principal, state)));
    }

    @Override
    public Future<TokenGrant> exchange(String token, String address) {
        return told(
                address,
                Future.<Void>succeededFuture()
                        .compose(begin -> {
                            if (!knows(token)) {
                                parts.addresses().check(address);
                            }
                            return authenticate(token);
                        })
                        .compose(principal -> parts.v3().isRenewable(token)
                                ? Future.succeededFuture(principal).map(this::exchanged)
                                : Future.failedFuture(Fault.UNAUTHENTICATED.because(
                                        "this token is renewed by the collector's refresh secret, in the body"))));
    }

    private TokenGrant exchanged(CollectorPrincipal principal) {
        parts.exchanges().take(principal.collector());
        var token = parts.v3().issue(principal.collector(), principal.name(), principal.generation());
        return new TokenGrant(
                principal.collector(), token, null, config.tokens().lifetime());
    }

    @Override
    public Future<TokenGrant> refresh(UUID collectorOrNull, String refreshSecret, String address) {
        return limited(
                address,
                () -> refreshSecret == null || refreshSecret.length() > NAME_LENGTH_MAX
                        ? Future.failedFuture(Fault.UNAUTHENTICATED.because("a refresh secret is 43 characters long"))
                        : parts.refreshSecrets()
                                .rotate(collectorOrNull, refreshSecret)
                                .map(rotated -> {
                                    var state = rotated.collector();
                                    var token =
                                            parts.tokens().issue(state.collector(), state.name(), state.generation());
                                    return new TokenGrant(
                                            state.collector(),
                                            token,
                                            rotated.next(),
                                            config.tokens().lifetime());
                                }));
    }

    /** Not counted as an attempt: who asks has shown a token, and is limited by it. A wrong one costs all the same. */
    @Override
    public Future<Void> confirm(UUID collector, String refreshSecret, String address) {
        return told(address, parts.refreshSecrets().confirm(collector, refreshSecret));
    }

    /** Counts the attempt, and what a wrong one costs besides. */
    private <T> Future<T> limited(String address, Supplier<Future<T>> attempt) {
        return told(address, admitted(address, attempt));
    }

    private <T> Future<T> told(String address, Future<T> attempt) {
        return attempt.recover(failure -> Future.failedFuture(
                        failure instanceof FaultException
                                ? failure
                                : Fault.STORE_DOWN
                                        .because("the database does not answer; come again later", failure)
                                        .retryAfter(later())))
                .onFailure(failure -> {
                    if (Fault.of(failure) == Fault.UNAUTHENTICATED) {
                        parts.addresses().failed(address);
                    }
                });
    }

    private <T> Future<T> admitted(String address, Supplier<Future<T>> attempt) {
        try {
            parts.addresses().take(address);
        } catch (FaultException tooMany) {
            return Future.failedFuture(tooMany);
        }
        if (pending.incrementAndGet() > config.strangers().pendingMax()) {
            pending.decrementAndGet();
            return Future.failedFuture(Fault.OVERLOADED
                    .because("as many registrations are under way as may be; come again later")
                    .retryAfter(later()));
        }
        return attempt.get().onComplete(done -> pending.decrementAndGet());
    }

    private Duration later() {
        return parts.spread().after(BUSY_FOR, Duration.ofNanos((long)
                (1e9 / config.strangers().attemptsPerSecond())));
    }

    private static Future<Void> checked(String name, String version) {
        if (!isText(name, NAME_LENGTH_MAX) || name.isBlank()) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(
                    "a collector's name is 1 to %d characters, none a control character".formatted(NAME_LENGTH_MAX)));
        }
        if (!isText(version, VERSION_LENGTH_MAX)) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(
                    "a version is at most %d characters, none a control character".formatted(VERSION_LENGTH_MAX)));
        }
        return Future.succeededFuture();
    }

    private static boolean isText(String text, int lengthMax) {
        return text != null
                && text.length() <= lengthMax
                && text.codePoints()
                        .noneMatch(point ->
                                Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE);
    }

    private Future<Registration> register(SecretCheck.Named secret, Applicant who) {
        var collector = UUID.randomUUID();
        return parts.pool()
                .withTransaction(tx -> parts.secrets()
                        .confirm(tx, secret)
                        .compose(holds -> add(tx, collector, who))
                        .compose(added -> parts.audit().add(tx, record(secret, collector, who)))
                        .compose(written -> parts.refreshSecrets().first(tx, collector)))
                .map(refreshSecret -> {
                    parts.secrets().used(secret);
                    parts.bus().publish(new Event.CollectorRegistered(collector, who.name(), who.address()));
                    // Made last and with nothing to wait for: a token is never without its collector.
                    var token = who.v3()
                            ? parts.v3().issue(collector, who.name(), 1)
                            : parts.tokens().issue(collector, who.name(), 1);
                    return new Registration(
                            collector, token, refreshSecret, config.tokens().lifetime());
                });
    }

    private static Future<Void> add(SqlConnection tx, UUID collector, Applicant who) {
        return tx.preparedQuery(ADD)
                .execute(Tuple.of(collector, who.name(), who.version()))
                .mapEmpty();
    }

    private static AuditRecord record(SecretCheck.Named secret, UUID collector, Applicant who) {
        return new AuditRecord(
                "registration-secret:" + secret.name(),
                "collector.register",
                collector.toString(),
                AuditRecord.OK,
                who.address(),
                new JsonObject().put("name", who.name()).put("version", who.version()));
    }

    private static Future<CollectorPrincipal> standing(CollectorPrincipal principal, Optional<CollectorState> state) {
        if (state.isEmpty()) {
            return Future.failedFuture(Fault.COLLECTOR_UNKNOWN.because(
                    "collector %s is not registered here; register again".formatted(principal.collector())));
        }
        if (state.get().revoked() || state.get().generation() != principal.generation()) {
            return Future.failedFuture(
                    Fault.REVOKED.because("the tokens of collector %s were revoked".formatted(principal.collector())));
        }
        return Future.succeededFuture(principal);
    }
}
