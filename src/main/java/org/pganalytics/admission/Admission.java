package org.pganalytics.admission;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.bus.Bus;
import org.pganalytics.cluster.Members;
import org.pganalytics.fault.RetrySpread;
import org.pganalytics.model.Intake;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.KeyedHash;
import org.pganalytics.secrets.RandomSecrets;

/** The room, furnished: everything of it that a server needs, one of each. */
public final class Admission {
    private static final int ARGON2_THREADS = 2;
    private static final Duration WRITE_USES_EVERY = Duration.ofSeconds(10);

    /** What the house lends to the room. @param members the servers that share collectors' limits with this one */
    public record Surroundings(
            Vertx vertx, Pool pool, Bus bus, AuditTrail audit, Optional<Members> members, MeterRegistry registry) {}

    private final Surroundings house;
    private final AdmissionConfig config;
    private final Gate.Chance chance;
    private final WorkerExecutor argon2Worker;
    private final RegistrationSecrets registrationSecrets;
    private final SecretCheck secretCheck;
    private final SigningKeys keys;
    private final Revocations revocations;
    private final AddressLimiter addresses;
    private final V3Identities v3;
    private final Doorkeeper doorkeeper;
    private final Optional<BudgetLeases> leases;
    private long timer = -1;

    public Admission(
            Surroundings house, AdmissionConfig config, V3TokensConfig v3Config, Clock clock, SecureRandom random) {
        this.house = house;
        this.config = config;
        this.chance = new Gate.Chance(System::nanoTime, random::nextDouble);
        this.argon2Worker = house.vertx().createSharedWorkerExecutor("argon2", ARGON2_THREADS);
        var argon2 = new Argon2(argon2Worker, random);
        this.registrationSecrets = new RegistrationSecrets(house.pool(), argon2, house.audit());
        this.secretCheck = new SecretCheck(house.pool(), argon2, new KeyedHash(random), house.registry());
        this.keys = new SigningKeys(
                house.vertx(),
                house.pool(),
                random,
                System::nanoTime,
                config.tokens().keyReload());
        this.revocations = new Revocations(house.vertx(), house.pool(), house.bus(), config, house.registry());
        this.addresses = new AddressLimiter(config, System::nanoTime, random::nextDouble, house.registry());
        this.leases = house.members()
                .map(members -> new BudgetLeases(house.vertx(), members, chance, clock, house.registry()));
        var tokens = new CollectorTokens(keys, config.tokens(), clock);
        this.v3 = new V3Identities(
                v3Config.legacyTokenSecret().map(secret -> new LegacyTokens(secret, v3Config.refreshWithin(), clock)),
                new Adoptions(house.pool(), house.audit()),
                tokens,
                config.tokens().lifetime().plus(v3Config.refreshWithin()));
        this.doorkeeper = new TableDoorkeeper(
                new TableDoorkeeper.Parts(
                        house.pool(),
                        house.bus(),
                        house.audit(),
                        addresses,
                        revocations,
                        secretCheck,
                        new RefreshSecrets(house.pool(), new RandomSecrets(random)),
                        tokens,
                        v3,
                        new ExchangeLimiter(config, System::nanoTime, house.registry()),
                        new RetrySpread(config.retryAfterMax(), System::nanoTime, random::nextDouble)),
                config);
    }

    /** Reads what is kept in memory and follows the configured registration secret; fails when the database does not. */
    public Future<Void> open(RegistrationConfig registration) {
        leases.ifPresent(BudgetLeases::start);
        return keys.load()
                .compose(loaded -> registrationSecrets.follow(registration))
                .compose(followed -> revocations.start())
                .onSuccess(started -> timer =
                        house.vertx().setPeriodic(WRITE_USES_EVERY.toMillis(), tick -> secretCheck.writeUses()));
    }

    public Future<Void> close() {
        house.vertx().cancelTimer(timer);
        revocations.stop();
        return leases.map(BudgetLeases::stop)
                .orElseGet(Future::succeededFuture)
                .compose(given -> secretCheck.writeUses())
                .compose(written -> argon2Worker.close());
    }

    /** To be called when the pool has a new connection: the database behind it may be a restored one. */
    public void databaseChanged() {
        keys.reload();
        v3.databaseChanged();
        revocations.reset();
    }

    /** The gate in front of this store; to be made once, its budgets are the server's. */
    public Gate gate(Intake store) {
        var budgets = new CollectorBudgets(config.collectorsMax(), this::budget, chance.nanoClock(), house.registry());
        return new Gate(store, revocations, house.bus(), config, chance, budgets);
    }

    private Budget budget(UUID collector, RateLimits limits) {
        return leases.<Budget>map(shared -> shared.budget(collector, limits))
                .orElseGet(() -> new OwnBudget(limits, chance.nanoClock()));
    }

    public Doorkeeper doorkeeper() {
        return doorkeeper;
    }

    public Revocations revocations() {
        return revocations;
    }

    public AddressLimiter addresses() {
        return addresses;
    }

    public RegistrationSecrets registrationSecrets() {
        return registrationSecrets;
    }
}
