package org.pganalytics.ingest;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pganalytics.fleet.ConfigDesk;
import org.pganalytics.fleet.ConfigReport;
import org.pganalytics.fleet.Handout;

/** A configuration for everybody, in memory. */
public final class FakeDesk implements ConfigDesk {
    public final List<ConfigReport> reports = new CopyOnWriteArrayList<>();
    public volatile String tag = "";
    public volatile String document = "{}";
    /** What the next answers wait for; null: nothing. */
    public volatile Promise<Void> gate;

    /** Fails every question when it is set. */
    public volatile Throwable failure;

    @Override
    public Future<Void> report(UUID collector, ConfigReport report) {
        reports.add(report);
        return failure == null ? Future.succeededFuture() : Future.failedFuture(failure);
    }

    @Override
    public Future<Handout> handout(UUID collector, Set<String> has) {
        if (failure != null) {
            return Future.failedFuture(failure);
        }
        var answer = new Handout(tag, tag.isEmpty() || has.contains(tag) ? Optional.empty() : Optional.of(document));
        return gate == null ? Future.succeededFuture(answer) : gate.future().map(answer);
    }
}
