package org.pganalytics.ingest.tcp;

import java.time.Duration;
import java.util.function.Consumer;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Ledger;

/** Keeps a session's turn in the ledger while its connection lives. */
final class Lease {
    private final Ledger ledger;
    private final TcpSession.Turn turn;
    private final Consumer<FaultException> lost;
    private final Duration every;
    private Duration renewedAt = Duration.ZERO;
    private boolean renewing;
    private boolean over;

    /** @param lost told when another session has taken the turn */
    Lease(Ledger ledger, TcpSession.Turn turn, Consumer<FaultException> lost) {
        this.ledger = ledger;
        this.turn = turn;
        this.lost = lost;
        this.every = turn.standing().lease().dividedBy(3);
    }

    /** @param age of the session */
    void renewWhenDue(Duration age) {
        if (over || renewing || age.minus(renewedAt).compareTo(every) < 0) {
            return;
        }
        renewing = true;
        ledger.renew(turn.principal().collector(), turn.standing().epoch(), turn.id())
                .onComplete(answer -> {
                    renewing = false;
                    renewedAt = age;
                    if (answer.failed() && !over) {
                        failed(Handshake.refusal(answer.cause()));
                    }
                });
    }

    /** While the database is away the session stays: nothing is acknowledged meanwhile, and it is asked again. */
    private void failed(FaultException why) {
        if (!why.fault().retryable()) {
            lost.accept(why);
        }
    }

    void release() {
        if (!over) {
            over = true;
            ledger.release(turn.principal().collector(), turn.standing().epoch(), turn.id());
        }
    }
}
