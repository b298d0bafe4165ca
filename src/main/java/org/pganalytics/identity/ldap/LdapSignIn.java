package org.pganalytics.identity.ldap;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.identity.OutsidePasswords;

/**
 * Tries passwords in the directory. A name of somebody whom it does not know is looked for there like any other, and its
 * password is not sent; so a directory that is away, and how long it takes, tell nothing of who has one.
 */
public final class LdapSignIn implements OutsidePasswords {
    /** As in the directory's own comparing: its time must not tell whether there was something to compare with. */
    private static final long REFUSAL_MILLIS = 1_000;

    /** Each takes a thread for as long as the directory takes: who comes beyond is told to come again. */
    private static final int UNDER_WAY_MAX = 32;

    private static final int WORKERS = 4;
    private static final int PASSWORD_LENGTH_MAX = 1_024;

    private final Vertx vertx;
    private final Directory directory;
    private final DirectoryPeople people;
    private final WorkerExecutor worker;
    private final LdapMeters meters;
    private final AtomicInteger underWay = new AtomicInteger();

    LdapSignIn(Vertx vertx, Directory directory, DirectoryPeople people, LdapMeters meters) {
        this.vertx = vertx;
        this.directory = directory;
        this.people = people;
        this.meters = meters;
        this.worker = vertx.createSharedWorkerExecutor("pganalytics-ldap", WORKERS, 5, TimeUnit.MINUTES);
        meters.underWay(underWay);
    }

    @Override
    public Future<Boolean> verify(String name, String password) {
        if (underWay.incrementAndGet() > UNDER_WAY_MAX) {
            underWay.decrementAndGet();
            meters.asked(Fault.OVERLOADED);
            return Future.failedFuture(Fault.OVERLOADED
                    .because("too many people sign in at this moment")
                    .retryAfter(Duration.ofSeconds(1)));
        }
        long began = System.nanoTime();
        return people.isElsewhere(name)
                .compose(elsewhere -> worker.executeBlocking(() -> ask(name, password, elsewhere), false))
                .onComplete(asked -> underWay.decrementAndGet())
                .compose(found -> found.map(people::admit).orElseGet(() -> Future.succeededFuture(false)))
                .compose(
                        right -> right
                                ? Future.succeededFuture(true)
                                : inItsTime(began).map(false),
                        failure -> inItsTime(began).compose(waited -> Future.failedFuture(failure)));
    }

    private Optional<DirectoryPerson> ask(String name, String password, boolean elsewhere) {
        try {
            boolean tried = !elsewhere && password.length() <= PASSWORD_LENGTH_MAX;
            var found = tried
                    ? directory.verify(name, password)
                    : directory.find(name).filter(person -> false);
            meters.asked();
            return found;
        } catch (FaultException refusal) {
            meters.asked(refusal.fault());
            throw refusal;
        }
    }

    private Future<Void> inItsTime(long beganNanos) {
        long left = REFUSAL_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
        return left <= 0
                ? Future.succeededFuture()
                : vertx.timer(left, TimeUnit.MILLISECONDS).mapEmpty();
    }
}
