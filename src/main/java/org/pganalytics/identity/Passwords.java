package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.RandomSecrets;

/** Takes and compares passwords; both take their time, on a worker. Thread-safe. */
public final class Passwords {
    /** Each takes some tens of milliseconds of one of a few threads: who comes beyond is told to come again. */
    private static final int UNDER_WAY_MAX = 32;

    private final Argon2 argon2;
    private final AtomicInteger underWay = new AtomicInteger();
    private final WorkerExecutor worker;
    private final IdentityConfig config;
    private final Future<String> nobodys;
    private Future<PasswordRules> rules = Future.failedFuture("not asked for yet");

    /** @param worker for the rules, as {@code argon2} has one for itself */
    public Passwords(Argon2 argon2, WorkerExecutor worker, RandomSecrets random, IdentityConfig config) {
        this.argon2 = argon2;
        this.worker = worker;
        this.config = config;
        this.nobodys = argon2.hash(random.next());
    }

    /** What is kept of a password that follows the rules; fails with BAD_REQUEST for one that does not. */
    Future<String> hash(String name, String password) {
        return inTurn(() -> hashInTurn(name, password));
    }

    private Future<String> hashInTurn(String name, String password) {
        return rules().compose(read -> worker.<Void>executeBlocking(
                        () -> {
                            read.check(name, password);
                            return null;
                        },
                        false))
                .compose(good -> argon2.hash(password));
    }

    /** Fails with OVERLOADED. */
    private <T> Future<T> inTurn(Supplier<Future<T>> work) {
        if (underWay.incrementAndGet() > UNDER_WAY_MAX) {
            underWay.decrementAndGet();
            return Future.failedFuture(Fault.OVERLOADED
                    .because("too many people sign in at this moment")
                    .retryAfter(Duration.ofSeconds(1)));
        }
        return work.get().onComplete(done -> underWay.decrementAndGet());
    }

    /** Their lists are large and take a moment to read: not before somebody chooses a password. */
    private synchronized Future<PasswordRules> rules() {
        if (rules.failed()) {
            rules = worker.executeBlocking(() -> new PasswordRules(config.passwordLengthMin()), false);
        }
        return rules;
    }

    /** Takes as long where there is nothing to compare with. */
    Future<Boolean> verify(String password, Optional<String> hash) {
        boolean odd = password.length() > PasswordRules.LENGTH_MAX;
        return inTurn(() -> verifyInTurn(odd ? "" : password, hash)).map(right -> right && !odd);
    }

    private Future<Boolean> verifyInTurn(String password, Optional<String> hash) {
        return hash.map(kept -> argon2.verify(password, kept))
                .orElseGet(() ->
                        nobodys.compose(kept -> argon2.verify(password, kept)).map(false));
    }
}
