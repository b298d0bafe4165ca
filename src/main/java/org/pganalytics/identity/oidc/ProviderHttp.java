package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a provider: with a limit on time, and as long again for a free connection, and on size; certificate and host name
 * checked, and no redirect followed. What is amiss on the way fails with DIRECTORY_DOWN.
 */
final class ProviderHttp {
    private static final Logger LOG = LoggerFactory.getLogger(ProviderHttp.class);
    private static final int BYTES_MAX = 1 << 20;
    private static final int CONNECTIONS_MAX = 8;
    private static final int WAITING_MAX = 64;

    private final HttpClient client;
    private final String provider;
    private final Duration timeout;

    ProviderHttp(Vertx vertx, OidcProviderConfig config, Duration timeout) {
        this.provider = config.id();
        this.timeout = timeout;
        var options = new HttpClientOptions()
                .setConnectTimeout((int) timeout.toMillis())
                .setIdleTimeout((int) Math.max(1, timeout.toSeconds()))
                .setMaxHeaderSize(16 << 10);
        if (config.caFile() != null) {
            options.setTrustOptions(
                    new PemTrustOptions().addCertPath(config.caFile().toString()));
        }
        var pool = new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX).setMaxWaitQueueSize(WAITING_MAX);
        this.client = vertx.createHttpClient(options, pool);
    }

    /** What came. */
    record Got(int status, Buffer body) {}

    /** @param headers beside Accept */
    Future<Got> get(String url, Map<String, String> headers) {
        return ask(HttpMethod.GET, url, headers, Buffer.buffer());
    }

    Future<Got> post(String url, Map<String, String> headers, Map<String, String> form) {
        var body = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        return ask(HttpMethod.POST, url, headers, Buffer.buffer(body));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private Future<Got> ask(HttpMethod method, String url, Map<String, String> headers, Buffer body) {
        var options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(url)
                .setFollowRedirects(false)
                .putHeader("Accept", "application/json")
                .putHeader("User-Agent", "pganalytics");
        headers.forEach(options::putHeader);
        if (method.equals(HttpMethod.POST)) {
            options.putHeader("Content-Type", "application/x-www-form-urlencoded");
        }
        return client.request(options)
                .compose(request -> exchanged(request, body))
                .timeout(timeout.toMillis() * 2, TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(
                        failure instanceof FaultException ? failure : down("does not answer", failure)));
    }

    /** All of it within the time, however slowly it trickles. */
    private Future<Got> exchanged(HttpClientRequest request, Buffer body) {
        return request.send(body)
                .compose(this::read)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .onFailure(failure -> request.reset());
    }

    private Future<Got> read(HttpClientResponse response) {
        var all = Buffer.buffer();
        var told = io.vertx.core.Promise.<Got>promise();
        response.handler(chunk -> {
            if (all.length() + chunk.length() > BYTES_MAX) {
                told.tryFail(down("answers with more than %d bytes".formatted(BYTES_MAX), null));
            } else {
                all.appendBuffer(chunk);
            }
        });
        response.exceptionHandler(told::tryFail);
        response.endHandler(end -> told.tryComplete(new Got(response.statusCode(), all)));
        return told.future();
    }

    /** Says what it is, and tells the log. @param causeOrNull for the log */
    FaultException down(String what, Throwable causeOrNull) {
        LOG.warn("The provider {} {}{}", provider, what, causeOrNull == null ? "" : ": " + causeOrNull.getMessage());
        return Fault.DIRECTORY_DOWN.because(
                "the provider '%s' %s; sign in another way, or come again later".formatted(provider, what),
                causeOrNull);
    }

    void close() {
        client.close();
    }
}
