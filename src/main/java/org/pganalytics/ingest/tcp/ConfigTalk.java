package org.pganalytics.ingest.tcp;

import io.vertx.core.Future;
import org.pganalytics.fleet.ConfigDesk;
import org.pganalytics.fleet.ConfigReport;
import org.pganalytics.fleet.Handout;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.wire.Frame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one collector's questions for its configuration, one at a time and not more often than it needs: of those that
 * come meanwhile the last one counts. Runs on one event loop.
 */
final class ConfigTalk {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigTalk.class);
    private static final long PAUSE_MILLIS = 100;

    private final TcpConnection connection;
    private final ConfigDesk desk;
    private final CollectorPrincipal principal;
    private boolean busy;
    private Frame.ConfigRequest next;

    ConfigTalk(TcpConnection connection, ConfigDesk desk, CollectorPrincipal principal) {
        this.connection = connection;
        this.desk = desk;
        this.principal = principal;
    }

    void asked(Frame.ConfigRequest request) {
        if (busy) {
            next = request;
            return;
        }
        busy = true;
        answer(request)
                .onComplete(done -> connection.vertx().setTimer(PAUSE_MILLIS, due -> {
                    busy = false;
                    var waiting = next;
                    next = null;
                    if (waiting != null && !connection.ended()) {
                        asked(waiting);
                    }
                }));
    }

    /** Without an answer the collector asks again in its time. */
    private Future<Handout> answer(Frame.ConfigRequest request) {
        var report = new ConfigReport(request.running(), request.refused(), request.note(), request.labels());
        return desk.report(principal.collector(), report)
                .compose(kept -> desk.handout(principal.collector(), report.known()))
                .onSuccess(handout -> connection.send(new Frame.Config(handout.tag(), handout.document())))
                .onFailure(failure ->
                        LOG.debug("{} gets no configuration now: {}", principal.collector(), failure.getMessage()));
    }
}
