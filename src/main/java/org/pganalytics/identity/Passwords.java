package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.Optional;
import org.pganalytics.secrets.Argon2;
import org.pganalytics.secrets.RandomSecrets;

/** Takes and compares passwords; both take their time, on a worker. Thread-safe. */
public final class Passwords {
    private final Argon2 argon2;
    private final WorkerExecutor worker;
    private final PasswordRules rules;
    private final Future<String> nobodys;

    /** @param worker for the rules, as {@code argon2} has one for itself */
    public Passwords(Argon2 argon2, WorkerExecutor worker, RandomSecrets random, IdentityConfig config) {
        this.argon2 = argon2;
        this.worker = worker;
        this.rules = new PasswordRules(config.passwordLengthMin());
        this.nobodys = argon2.hash(random.next());
    }

    /** What is kept of a password that follows the rules; fails with BAD_REQUEST for one that does not. */
    Future<String> hash(String name, String password) {
        return worker.<Void>executeBlocking(
                        () -> {
                            rules.check(name, password);
                            return null;
                        },
                        false)
                .compose(good -> argon2.hash(password));
    }

    /** Takes as long where there is nothing to compare with. */
    Future<Boolean> verify(String password, Optional<String> hash) {
        if (password.length() > PasswordRules.LENGTH_MAX) {
            return verify("", hash).map(false);
        }
        return hash.map(kept -> argon2.verify(password, kept))
                .orElseGet(() ->
                        nobodys.compose(kept -> argon2.verify(password, kept)).map(false));
    }
}
