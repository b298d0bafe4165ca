package org.pganalytics.perf;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pganalytics.perf.PgQuestions.Question;

/** What a PostgreSQL server answered to each question, the first few times. Used by many threads. */
public final class PgRecording {
    private static final int ANSWERS_MAX = 4;

    private final Map<String, List<Buffer>> answers = new ConcurrentHashMap<>();

    void add(Question question, Buffer answer) {
        var those = answers.computeIfAbsent(question.text(), first -> new CopyOnWriteArrayList<>());
        if (those.size() < ANSWERS_MAX) {
            those.add(answer);
        }
    }

    /** Whether a client was let in. */
    public boolean isBegun() {
        return !answers.isEmpty();
    }

    /** @param time how often it was asked before: one answer follows the other, and after the last one the first */
    Buffer answer(Question question, int time) {
        var those = answers.get(question.text());
        if (those == null) {
            throw new IllegalStateException("it was not recorded what PostgreSQL answers to: " + question.text());
        }
        return those.get(time % those.size());
    }
}
