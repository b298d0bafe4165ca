package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.collector.Waiting.on;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.wire.Frame;

/** What an agent makes of a server's answers to CERTIFY. */
class TcpCertificationTest {
    private static final Frame.Certify QUESTION = new Frame.Certify("token-1", "refresh", "a request");

    private final Vertx vertx = Vertx.vertx();
    private final FakeServer server = FakeServer.start(vertx);

    @AfterEach
    void close() {
        server.close();
        on(vertx.close());
    }

    private Future<IssuedCertificate> ask(Duration longest) {
        return new TcpCertification(vertx.createNetClient(), QUESTION)
                .ask(SocketAddress.inetSocketAddress(server.port(), "127.0.0.1"), longest);
    }

    private Throwable failure(Duration longest) {
        return on(ask(longest)
                .map(odd -> (Throwable) new AssertionError("it got one"))
                .recover(Future::succeededFuture));
    }

    private FaultException refusal(Frame... answers) {
        server.script = frame -> List.of(answers);
        return assertInstanceOf(FaultException.class, failure(Duration.ofSeconds(20)));
    }

    @Test
    void whatIsGivenIsTaken() {
        server.script = frame -> List.of(new Frame.Ping(1), new Frame.Certified("a certificate\n", 5_000));
        assertEquals(new IssuedCertificate("a certificate\n", 5_000), on(ask(Duration.ofSeconds(20))));
        assertEquals(List.of(QUESTION), server.seen);
    }

    /** The type of the frame is not known to it. */
    @Test
    void aServerOfAVersionBeforeCertifiesNobody() {
        var refusal = refusal(new Frame.GoAway(Fault.BAD_FRAME, 0, "frame type 18 is not known"));
        assertTrue(CertificateOffice.isNoOffer(refusal));
        assertTrue(refusal.detail().contains("frame type 18 is not known"), refusal.detail());
    }

    @Test
    void aRefusalKeepsItsReasonAndItsTime() {
        var refusal = refusal(new Frame.GoAway(Fault.RATE_LIMITED, 7_000, "a moment ago"));
        assertEquals(Fault.RATE_LIMITED, refusal.fault());
        assertEquals("a moment ago", refusal.detail());
        assertEquals(Optional.of(Duration.ofSeconds(7)), refusal.retryAfter());
    }

    @Test
    void oneThatSaysNothingIsLeftInTime() {
        server.script = frame -> List.of();
        assertInstanceOf(TimeoutException.class, failure(Duration.ofMillis(300)));
    }

    @Test
    void oneThatCutsTheConnectionIsAFailure() {
        server.cutAfter = 0;
        assertTrue(failure(Duration.ofSeconds(20)).getMessage().contains("cut"));
    }

    @Test
    void oneThatIsNotThereIsAFailure() {
        server.close();
        assertTrue(failure(Duration.ofSeconds(20)).getMessage().contains("refused"));
    }
}
