package org.pganalytics.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One search among the hosts of a database. It ends soon after one has said that it takes writes, or when all have answered;
 * while one says nothing, those that only read are asked again: one of them may be promoted meanwhile. Any thread.
 */
final class HostSearch {
    /** How long the others may take once one takes writes: one that hangs must not hold everybody up. */
    private static final long OTHERS_MILLIS = 300;

    private static final long AGAIN_MILLIS = 500;

    private final Vertx vertx;
    private final List<DatabaseHost> hosts;
    private final Function<DatabaseHost, Future<Answer>> question;
    private final Map<DatabaseHost, Answer> answers = new LinkedHashMap<>();
    private final Promise<List<Answer>> ended = Promise.promise();

    /** What a host said. @param trouble why it cannot be used, or empty @param standby whether it only reads, as yet */
    record Answer(DatabaseHost host, long timeline, String trouble, boolean standby) {
        boolean writes() {
            return trouble.isEmpty();
        }
    }

    /** @param question that always completes, and never fails */
    HostSearch(Vertx vertx, List<DatabaseHost> hosts, Function<DatabaseHost, Future<Answer>> question) {
        this.vertx = vertx;
        this.hosts = hosts;
        this.question = question;
    }

    /** What each said last; of some nothing when another one writes. */
    Future<List<Answer>> run() {
        hosts.forEach(this::ask);
        return ended.future();
    }

    private void ask(DatabaseHost host) {
        question.apply(host).onSuccess(this::answered);
    }

    private synchronized void answered(Answer answer) {
        answers.put(answer.host(), answer);
        if (answers.size() == hosts.size()) {
            end();
        } else if (answer.writes()) {
            vertx.setTimer(OTHERS_MILLIS, late -> end());
        } else if (answer.standby() && !ended.future().isComplete()) {
            vertx.setTimer(AGAIN_MILLIS, again -> ask(answer.host()));
        }
    }

    private synchronized void end() {
        ended.tryComplete(List.copyOf(answers.values()));
    }
}
