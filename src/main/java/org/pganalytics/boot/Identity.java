package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.http.Operations;
import org.pganalytics.identity.AdminTokens;
import org.pganalytics.identity.ApiTokens;
import org.pganalytics.identity.Confirmation;
import org.pganalytics.identity.Credentials;
import org.pganalytics.identity.IdentityConfig;
import org.pganalytics.identity.LocalSignIn;
import org.pganalytics.identity.OutsidePasswords;
import org.pganalytics.identity.Passwords;
import org.pganalytics.identity.People;
import org.pganalytics.identity.PeopleRoutes;
import org.pganalytics.identity.PersonCodes;
import org.pganalytics.identity.SecondFactorRoutes;
import org.pganalytics.identity.SessionRoutes;
import org.pganalytics.identity.Sessions;
import org.pganalytics.identity.SignIn;
import org.pganalytics.identity.TokenRoutes;
import org.pganalytics.identity.factor.SecondFactors;
import org.pganalytics.identity.report.PersonExport;
import org.pganalytics.identity.report.ReportRoutes;
import org.pganalytics.identity.report.Reports;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.Envelope;
import org.pganalytics.secrets.RandomSecrets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who people are, put together for a server or for a command beside it. */
final class Identity {
    private static final Logger LOG = LoggerFactory.getLogger(Identity.class);
    private static final Duration TRIM_EVERY = Duration.ofMinutes(10);
    /** A password costs 19 MiB and some tens of milliseconds; who registers collectors has workers of their own. */
    private static final int WORKERS = 2;

    final AdminTokens tokens;
    final Sessions sessions;
    final People people;
    final ApiTokens apiTokens;
    private final Credentials credentials;
    private final IdentityConfig config;
    private final AuditTrail audit;
    private final Pool pool;

    /** @param envelope what has to be sealed in the database; empty: nothing of that can be added */
    Identity(House house, Optional<Envelope> envelope, IdentityConfig config, AuditTrail audit, Clock clock) {
        var vertx = house.vertx();
        var pool = house.pool();
        var random = new SecureRandom();
        var secrets = new RandomSecrets(random);
        var worker = vertx.createSharedWorkerExecutor("passwords", WORKERS);
        this.pool = pool;
        this.audit = audit;
        this.config = config;
        this.tokens = new AdminTokens(pool, secrets, audit);
        this.apiTokens = new ApiTokens(pool, secrets, audit, config, clock);
        this.sessions = new Sessions(pool, secrets, config, audit);
        var passwords = new Passwords(new Argon2(worker, random), worker, secrets, config);
        this.credentials = new Credentials(
                passwords,
                new PersonCodes(pool, secrets, passwords, audit, config, clock),
                new SecondFactors(envelope, random, clock));
        this.people = new People(pool, credentials, audit);
    }

    /** Where it lives. */
    record House(Vertx vertx, Pool pool) {}

    /** What opens the API on a new database: a token for programs, a code for whoever becomes its first admin. */
    record First(Optional<String> adminToken, Optional<PersonCodes.Code> adminCode) {}

    Future<First> first() {
        return tokens.bootstrap()
                .compose(token -> credentials
                        .codes()
                        .first()
                        // The token stands in the database already, and is shown this once.
                        .onFailure(failure -> LOG.warn("No code for a first admin was made: {}", failure.getMessage()))
                        .otherwise(Optional.empty())
                        .map(code -> new First(token, code)));
    }

    /** @param retention of the audit, as it is configured */
    void mountReports(Operations operations, Duration retention, Clock clock) {
        new ReportRoutes(new Reports(pool, audit, retention), export(), clock).mount(operations);
    }

    PersonExport export() {
        return new PersonExport(pool, people, sessions, apiTokens, audit);
    }

    /** @param outside tries the passwords of those who have none here */
    void mount(Operations operations, Vertx vertx, SignIn.Strangers strangers, OutsidePasswords outside) {
        var local = new LocalSignIn(pool, credentials, sessions, strangers, audit, outside);
        new SessionRoutes(local, sessions, config).mount(operations);
        new SecondFactorRoutes(new Confirmation(pool, credentials, outside, config, audit)).mount(operations);
        new PeopleRoutes(people, sessions).mount(operations);
        new TokenRoutes(apiTokens).mount(operations);
        vertx.setPeriodic(
                TRIM_EVERY.toMillis(),
                due -> local.trim()
                        .compose(trimmed -> apiTokens.trim())
                        .onFailure(
                                failure -> LOG.debug("Sessions that are over stay for now: {}", failure.getMessage())));
    }
}
