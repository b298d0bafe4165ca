package org.pganalytics.storage;

import static org.pganalytics.fault.Fault.BAD_DATA;
import static org.pganalytics.fault.Fault.STORE_DOWN;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Writes a group of batches in as few transactions as it can, so that one bad batch does not stop the others. */
final class GroupWriter {
    private static final int TRIES_MAX = 5;

    private final Preparation preparation;
    private final Transactions transactions;
    private final GroupTransaction group;
    private final Tables tables;
    private final StoreHealth health;
    private final Answers answers;

    GroupWriter(
            Preparation preparation,
            Transactions transactions,
            GroupTransaction group,
            Tables tables,
            StoreHealth health,
            Answers answers) {
        this.preparation = preparation;
        this.transactions = transactions;
        this.group = group;
        this.tables = tables;
        this.health = health;
        this.answers = answers;
    }

    /**
     * What was tried already.
     *
     * @param generation of the tables, when the works were prepared
     * @param looked whether the tables were looked at again
     */
    private record Tried(int times, long generation, boolean looked) {
        Tried again() {
            return new Tried(times + 1, generation, looked);
        }
    }

    /** Completes always; every batch is answered but those it returns, whose ledger rows others hold. */
    Future<List<Pending>> write(List<Pending> batches) {
        return Future.<Void>succeededFuture()
                .compose(begin -> prepareAndWrite(batches, new Tried(0, 0, false)))
                .recover(failure -> {
                    var fault = STORE_DOWN
                            .because("the database did not take the batch", failure)
                            .retryAfter(Duration.ofSeconds(1));
                    batches.forEach(batch -> answers.refuse(batch, fault));
                    return Future.succeededFuture(List.of());
                });
    }

    private Future<List<Pending>> prepareAndWrite(List<Pending> batches, Tried tried) {
        var now = new Tried(tried.times(), tables.generation(), tried.looked());
        return preparation.prepare(batches).compose(works -> write(works, now));
    }

    /** Owns the works: releases them when it is through. */
    private Future<List<Pending>> write(List<Work> works, Tried tried) {
        if (works.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        var claim = group.claim(tried.generation());
        return transactions
                .run(connection -> tables.generation() == tried.generation()
                        ? group.run(connection, works, claim)
                        : Future.failedFuture(new Transactions.Withdrawn("the database was connected to anew")))
                .onSuccess(committed -> {
                    health.committed(this);
                    claim.committed();
                })
                .map(answers::give)
                .onSuccess(locked -> works.forEach(Work::release))
                .recover(failure -> afterwards(works, tried, failure));
    }

    private Future<List<Pending>> afterwards(List<Work> works, Tried tried, Throwable failure) {
        boolean mayTryAgain = tried.times() < TRIES_MAX;
        if (failure instanceof Transactions.Withdrawn && mayTryAgain) {
            return anew(works, tried.again());
        }
        return switch (SqlFailure.of(failure)) {
            case RETRY -> mayTryAgain ? write(works, tried.again()) : giveUp(works, failure);
            case STALE -> tried.looked() ? isolate(works, tried, failure) : lookAgain(works, tried);
            case ROWS -> isolate(works, tried, failure);
            case DOWN -> giveUp(works, failure);
        };
    }

    private Future<List<Pending>> lookAgain(List<Work> works, Tried tried) {
        return tables.refresh().transform(fresh -> anew(works, new Tried(tried.times(), 0, true)));
    }

    private Future<List<Pending>> isolate(List<Work> works, Tried tried, Throwable failure) {
        return works.size() > 1 ? split(works, tried) : setAside(works.get(0), tried, failure);
    }

    private Future<List<Pending>> giveUp(List<Work> works, Throwable failure) {
        works.forEach(Work::release);
        health.refused(this, failure);
        return Future.failedFuture(failure);
    }

    private Future<List<Pending>> anew(List<Work> works, Tried tried) {
        works.forEach(Work::release);
        return prepareAndWrite(works.stream().map(Work::pending).toList(), tried);
    }

    /** The halves in their order: batches of a collector build on each other. */
    private Future<List<Pending>> split(List<Work> works, Tried tried) {
        int half = works.size() / 2;
        var second = works.subList(half, works.size());
        return write(works.subList(0, half), tried)
                .onFailure(failure -> second.forEach(Work::release))
                .compose(locked -> write(second, tried).map(more -> {
                    var all = new ArrayList<>(locked);
                    all.addAll(more);
                    return all;
                }));
    }

    private Future<List<Pending>> setAside(Work work, Tried tried, Throwable failure) {
        if (work.refusal() != null) {
            return giveUp(List.of(work), failure);
        }
        var refusal = BAD_DATA.because("the database refuses these rows: " + failure.getMessage(), failure);
        work.release();
        return preparation.refused(work.pending(), refusal).compose(refused -> write(List.of(refused), tried));
    }
}
