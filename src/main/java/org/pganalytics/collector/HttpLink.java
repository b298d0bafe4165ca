package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.pganalytics.fault.Fault;

/**
 * The protocol over HTTP: one batch in flight, each pushed and answered. Used once; lives on the event loop that
 * {@link #run} was called on.
 */
public final class HttpLink implements Link {
    private static final String PUSH = "/api/v1/metrics/push";
    private static final String POSITION = "/api/v1/metrics/position?instance=";
    private static final String REGISTER = "/api/v1/collectors/register";
    private static final String RENEW = "/api/v1/collectors/refresh-token";
    private static final int BODY_BYTES_MAX = 64 << 20;
    private static final long NOT_SAID = -1;
    private static final Set<Fault> WAITED_OUT =
            EnumSet.of(Fault.RATE_LIMITED, Fault.OVERLOADED, Fault.STORE_DOWN, Fault.INTERNAL, Fault.POSITION_GAP);

    private final Vertx vertx;
    private final HttpClient client;
    private final RequestOptions server;
    private final HttpForm form;
    private final LinkConfig config;
    private final Credentials credentials;
    private final BatchSource source;
    private final Clock clock;
    private final SignIn signIn;
    private final SendWindow sending;
    private final BackOff pauses;
    private final Promise<LinkEnd> ended = Promise.promise();
    private Optional<HttpPull> pull = Optional.empty();
    private SignIn.Step asked;
    private boolean welcomed;
    private boolean closing;

    /** @param server host, port and whether TLS; the rest of it is not looked at */
    public HttpLink(
            Vertx vertx,
            HttpClient client,
            RequestOptions server,
            HttpForm form,
            LinkConfig config,
            Credentials credentials,
            BatchSource source,
            Clock clock) {
        this.vertx = vertx;
        this.client = client;
        this.server = server;
        this.form = form;
        this.config = config;
        this.credentials = credentials;
        this.source = source;
        this.clock = clock;
        this.signIn = new SignIn(credentials, source, clock);
        this.sending = new SendWindow(source, 1, () -> true, this::push, this::giveUp);
        this.pauses = new BackOff(config.retryFirst(), config.retryMax(), ThreadLocalRandom.current());
    }

    /** Asks for the server's configuration, too. */
    HttpLink pulling(ServedConfig served) {
        pull = Optional.of(new HttpPull(vertx, served, this::config));
        return this;
    }

    /** With the token as it is: only pushes renew it, so that it is never renewed twice at once. */
    private Future<HttpAnswer> config(HttpMethod method, String tag, Buffer body) {
        return request(method, HttpPull.PATH)
                .map(request -> withToken(request)
                        .putHeader("If-None-Match", "\"" + tag + "\"")
                        .putHeader("Content-Type", "application/json"))
                .compose(request -> exchange(request, body));
    }

    @Override
    public String address() {
        return "%s://%s:%d".formatted(isTls() ? "https" : "http", server.getHost(), server.getPort());
    }

    private boolean isTls() {
        return Boolean.TRUE.equals(server.isSsl());
    }

    @Override
    public Future<LinkEnd> run() {
        if (signIn.next().isEmpty()) {
            return Future.succeededFuture(SignIn.nothingToShow());
        }
        enter().compose(in -> position()).onSuccess(this::begin).onFailure(this::giveUp);
        return ended.future();
    }

    @Override
    public void close() {
        end(LinkEnd.cut("closed by the collector", welcomed));
    }

    /** Takes the steps that still lie before a token that holds. */
    private Future<Void> enter() {
        asked = signIn.next().orElseThrow();
        return switch (asked) {
            case REGISTER -> register();
            case RENEW -> renew().onSuccess(renewed -> asked = SignIn.Step.ENTER);
            case ENTER -> Future.succeededFuture();
        };
    }

    private Future<Void> register() {
        var body = new JsonObject().put("name", credentials.name()).put("version", credentials.version());
        return request(HttpMethod.POST, REGISTER)
                .map(request -> request.putHeader(
                                "X-Registration-Secret",
                                credentials.registrationSecret().orElseThrow())
                        .putHeader("Content-Type", "application/json"))
                .compose(request -> answer(request, body.toBuffer()))
                .compose(answer -> keep(UUID.fromString(answer.text("collector_id")), answer))
                .onSuccess(kept -> asked = SignIn.Step.ENTER)
                .compose(kept -> credentials.certify())
                .mapEmpty();
    }

    private Future<Void> renew() {
        var grant = credentials.grant().orElseThrow();
        var body = new JsonObject()
                .put("collector_id", grant.collector().toString())
                .put("refresh_secret", grant.refreshSecret());
        return request(HttpMethod.POST, RENEW)
                .map(request -> request.putHeader("Content-Type", "application/json"))
                .compose(request -> answer(request, body.toBuffer()))
                .compose(answer -> keep(grant.collector(), answer));
    }

    private Future<Void> keep(UUID collector, HttpAnswer answer) {
        long lifetimeMillis = answer.number("expires_in", 0) * 1000;
        return credentials.keep(new Grant(
                collector, answer.text("token"), answer.text("refresh_secret"), clock.millis(), lifetimeMillis));
    }

    private Future<Start> position() {
        return request(HttpMethod.GET, POSITION + source.instance())
                .map(this::withToken)
                .compose(request -> answer(request, Buffer.buffer()))
                .map(HttpLink::place)
                .compose(place -> source.welcome(place).map(course -> new Start(course, place.mark())));
    }

    private static BatchSource.Welcomed place(HttpAnswer answer) {
        int epoch = (int) answer.number("epoch", NOT_SAID);
        long mark = answer.number("mark", NOT_SAID);
        if (epoch < 1 || mark < 0) {
            throw Fault.NOT_FOUND.because("the answer says no position; is it a pgAnalytics server?");
        }
        return new BatchSource.Welcomed(epoch, mark, BODY_BYTES_MAX, BODY_BYTES_MAX);
    }

    /** Where sending begins. */
    private record Start(BatchSource.Course course, long mark) {}

    private void begin(Start start) {
        if (start.course() == BatchSource.Course.NEW_INSTANCE) {
            end(LinkEnd.cut("the server is ahead of this spool, which becomes a new instance", true));
        } else if (!closing) {
            welcomed = true;
            sending.open(start.mark(), 1);
            pull.ifPresent(HttpPull::begin);
        }
    }

    private void push(OutgoingBatch batch) {
        renewIfDue()
                .compose(fresh -> request(HttpMethod.POST, PUSH))
                .map(request -> withToken(request).putHeader("Content-Type", form.mediaType()))
                .compose(request -> exchange(request, form.encode().apply(batch)))
                .onSuccess(answer -> pushed(batch, answer))
                .onFailure(this::giveUp);
    }

    private Future<Void> renewIfDue() {
        var grant = credentials.grant().orElseThrow();
        return clock.millis() < grant.renewAtMillis() ? Future.succeededFuture() : renew();
    }

    private void pushed(OutgoingBatch batch, HttpAnswer answer) {
        if (closing) {
            return;
        }
        if (answer.isGood()) {
            settled(answer.number("mark", NOT_SAID));
            return;
        }
        var fault = answer.fault();
        source.refused(batch.sequence(), fault, answer.detail());
        if (fault.settles()) {
            settled(Math.max(batch.sequence(), answer.number("mark", batch.sequence())));
        } else if (WAITED_OUT.contains(fault)) {
            goBack(batch, answer);
        } else {
            giveUp(answer.refusal());
        }
    }

    /** Some other server, or a proxy, may answer 200 to anything: only a mark says that the batch is kept. */
    private void settled(long mark) {
        pauses.reset();
        if (sending.settled(mark)) {
            sending.pump();
        } else {
            end(LinkEnd.cut("the server answered a push with mark %d, which settles nothing".formatted(mark), true));
        }
    }

    private void goBack(OutgoingBatch batch, HttpAnswer answer) {
        boolean gap = answer.fault() == Fault.POSITION_GAP;
        long expected =
                gap ? answer.number("expected", 0) : batch.header().position().coversFrom();
        if (!sending.goBack(Math.max(expected, gap ? expected : sending.settledUpTo() + 1))) {
            end(LinkEnd.cut(
                    "the server waits for batch %d, which is settled or was never sent".formatted(expected), true));
            return;
        }
        var wait = gap && answer.retryAfter().isZero() ? Duration.ofMillis(1) : pauses.next(answer.retryAfter());
        vertx.setTimer(Math.max(1, wait.toMillis()), due -> sending.resume());
    }

    private Future<HttpClientRequest> request(HttpMethod method, String path) {
        return client.request(new RequestOptions()
                .setHost(server.getHost())
                .setPort(server.getPort())
                .setSsl(isTls())
                .setMethod(method)
                .setURI(path)
                .setConnectTimeout(config.connectTimeout().toMillis())
                .setIdleTimeout(config.answerTimeout().toMillis()));
    }

    private HttpClientRequest withToken(HttpClientRequest request) {
        return request.putHeader(
                "Authorization", "Bearer " + credentials.grant().orElseThrow().token());
    }

    private Future<HttpAnswer> answer(HttpClientRequest request, Buffer body) {
        return exchange(request, body)
                .compose(answer ->
                        answer.isGood() ? Future.succeededFuture(answer) : Future.failedFuture(answer.refusal()));
    }

    private Future<HttpAnswer> exchange(HttpClientRequest request, Buffer body) {
        return request.send(body).compose(response -> HttpAnswer.read(vertx, response, config.answerTimeout()));
    }

    private void giveUp(Throwable failure) {
        end(LinkEnd.of(failure, welcomed));
    }

    private void end(LinkEnd how) {
        if (closing) {
            return;
        }
        closing = true;
        pull.ifPresent(HttpPull::close);
        sending.close();
        signIn.after(asked, how).onComplete(put -> ended.tryComplete(put.succeeded() ? put.result() : how));
    }
}
