package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame;

/** Asks one server for a certificate over a connection of its own: it is shown from the next connection on. Used once. */
final class TcpCertification {
    private final NetClient client;
    private final Frame.Certify question;
    private final Promise<IssuedCertificate> answer = Promise.promise();

    TcpCertification(NetClient client, Frame.Certify question) {
        this.client = client;
        this.question = question;
    }

    Future<IssuedCertificate> ask(SocketAddress server, Duration longest) {
        return client.connect(server).compose(this::connected).timeout(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Future<IssuedCertificate> connected(NetSocket opened) {
        var socket = new FrameSocket(opened, this::take, answer::tryFail);
        socket.write(question);
        return answer.future().onComplete(done -> socket.close());
    }

    private void take(Frame frame) {
        if (frame instanceof Frame.Certified given) {
            answer.tryComplete(new IssuedCertificate(given.certificate(), given.lifetimeMillis()));
        } else if (frame instanceof Frame.GoAway refusal) {
            answer.tryFail(refused(refusal));
        }
    }

    private static RuntimeException refused(Frame.GoAway refusal) {
        if (refusal.fault() == Fault.BAD_FRAME) {
            return Fault.NOT_FOUND.because(
                    "the server certifies nobody over TCP, it may be of a version before this: " + refusal.detail());
        }
        return refusal.fault().because(refusal.detail()).retryAfter(Duration.ofMillis(refusal.retryAfterMillis()));
    }
}
