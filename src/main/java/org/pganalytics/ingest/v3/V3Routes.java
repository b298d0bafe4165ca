package org.pganalytics.ingest.v3;

import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.InFlightBytes;
import org.pganalytics.ingest.http.BodyReading;
import org.pganalytics.ingest.http.Hold;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.http.SignIn;

/** What version 3 collectors ask for at addresses of their own. */
public final class V3Routes {
    private final V3Pushes pushes;
    private final SignIn signIn;
    private final HttpConfig http;
    private final InFlightBytes bytes;

    public V3Routes(V3Pushes pushes, SignIn signIn, HttpConfig http, InFlightBytes bytes) {
        this.pushes = pushes;
        this.signIn = signIn;
        this.http = http;
        this.bytes = bytes;
    }

    public void mount(Router router) {
        router.post("/api/v1/metrics/push/binary").handler(this::binary);
        router.get("/api/v1/config/:id").handler(this::config);
    }

    private void binary(RoutingContext ctx) {
        ctx.request().pause();
        var hold = new Hold(bytes);
        var body = new BodyReading(ctx.vertx(), ctx.request(), http, hold);
        signIn.collector(ctx)
                .compose(principal -> body.read().compose(read -> pushes.binary(ctx, principal, read, hold)))
                .onComplete(done -> {
                    body.over();
                    hold.letGo();
                })
                .onSuccess(ctx::json)
                .onFailure(ctx::fail);
    }

    /**
     * There is nothing to pull: such a collector applies none of it. Its id in the path is one of its own file, not
     * the one it is registered under. Never 401 with a good token: it would ask again at once, for ever.
     */
    private void config(RoutingContext ctx) {
        signIn.collector(ctx)
                .compose(principal -> Future.failedFuture(
                        Fault.NOT_FOUND.because("collectors of version 3 keep the configuration they have")))
                .onFailure(ctx::fail);
    }
}
