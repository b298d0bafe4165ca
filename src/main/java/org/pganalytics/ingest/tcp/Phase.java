package org.pganalytics.ingest.tcp;

import java.time.Duration;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;

/** What a connection is about at the moment: letting a collector in, or taking its batches. */
sealed interface Phase permits Handshake, TcpSession {
    void take(Frame frame);

    /** Called about four times an idle time. @param age since the phase began */
    void tick(Duration age);

    /** No more batches: what is under way is settled, then the connection ends. */
    void drain();

    /** The connection is gone, or will be next. @param why it was ended by the server, or null */
    void closed(Fault why);
}
