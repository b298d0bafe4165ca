package org.pganalytics.perf;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.pganalytics.perf.PgQuestions.Question;

/** What a PostgreSQL server answered to each question, the first few times. Used by many threads. */
public final class PgRecording {
    private static final int ANSWERS_MAX = 4;

    private final Map<String, List<Buffer>> answers = new ConcurrentHashMap<>();
    private final Set<String> readings = ConcurrentHashMap.newKeySet();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    /** @param isRefused whether it is an error, after which it is not asked again for long */
    void add(Question question, Buffer answer, boolean isRefused) {
        var those = answers.computeIfAbsent(question.text(), first -> new CopyOnWriteArrayList<>());
        if (those.size() < ANSWERS_MAX) {
            those.add(answer);
        }
        if (question.isReading() && !isRefused) {
            readings.add(question.text());
        }
    }

    /** All that was read of families, and not refused. */
    public Set<String> readings() {
        return Set.copyOf(readings);
    }

    boolean isRead(Question question) {
        return readings.contains(question.text());
    }

    /** What went wrong while it was recorded or played, where nobody waits for it; the first is kept. */
    void failed(RuntimeException why) {
        failure.compareAndSet(null, why);
    }

    /** Throws the first thing that went wrong. */
    public void check() {
        if (failure.get() != null) {
            throw new IllegalStateException("the recording is not what PostgreSQL would say", failure.get());
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
