package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Authenticator;
import org.pganalytics.http.BearerToken;
import org.pganalytics.model.Principal;

/**
 * Says who shows an admin token, an API token, or the cookie of a session; of an address that shows wrong ones it looks
 * at fewer and fewer.
 */
public final class SignIn implements Authenticator {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final AdminTokens tokens;
    private final TokenChecks apiTokens;
    private final Sessions sessions;
    private final Function<RoutingContext, String> address;
    private final Strangers strangers;
    private final Function<String, Future<Principal>> others;

    /**
     * What limits wrong tokens by the address they come from.
     *
     * @param check fails with RATE_LIMITED when there were too many from there
     * @param failed counts one
     */
    public record Strangers(Consumer<String> check, Consumer<String> failed) {}

    /** @param others knows tokens that are not an admin's; fails with UNAUTHENTICATED */
    public SignIn(
            AdminTokens tokens,
            TokenChecks apiTokens,
            Sessions sessions,
            Function<RoutingContext, String> address,
            Strangers strangers,
            Function<String, Future<Principal>> others) {
        this.tokens = tokens;
        this.apiTokens = apiTokens;
        this.sessions = sessions;
        this.address = address;
        this.strangers = strangers;
        this.others = others;
    }

    @Override
    public Future<Principal> authenticate(RoutingContext ctx) {
        var cookie = SessionCookie.of(ctx.request());
        if (!cookie.isEmpty() && !ctx.request().headers().contains(HttpHeaders.AUTHORIZATION)) {
            return counted(ctx, () -> bySession(ctx.request(), cookie));
        }
        return counted(ctx, () -> find(BearerToken.of(ctx.request()), address.apply(ctx)));
    }

    private Future<Principal> counted(RoutingContext ctx, Supplier<Future<Principal>> found) {
        var from = address.apply(ctx);
        return Future.<Void>succeededFuture()
                .compose(begin -> {
                    strangers.check().accept(from);
                    return found.get();
                })
                .onFailure(failure -> {
                    if (Fault.of(failure) == Fault.UNAUTHENTICATED) {
                        strangers.failed().accept(from);
                    }
                });
    }

    /** A browser sends its cookie for any page that asks it to; what changes something takes the page's own token, too. */
    private Future<Principal> bySession(HttpServerRequest request, String cookie) {
        var shown = request.getHeader(SessionCookie.CSRF_HEADER);
        if (!READING.contains(request.method()) && (shown == null || !SessionCookie.isCsrfToken(shown, cookie))) {
            return Future.failedFuture(Fault.FORBIDDEN.because(
                    "with a session, what changes something takes the header %s, with what signing in answered"
                            .formatted(SessionCookie.CSRF_HEADER)));
        }
        return sessions.find(cookie);
    }

    /** The refusal of an admin token says what to do: it is what a person meant to show. */
    private Future<Principal> find(String token, String from) {
        if (TokenChecks.mayBe(token)) {
            return apiTokens.find(token, from);
        }
        return tokens.find(token)
                .recover(noAdmin -> Fault.of(noAdmin) == Fault.UNAUTHENTICATED
                        ? others.apply(token)
                                .recover(failure ->
                                        Future.failedFuture(Fault.of(failure) == Fault.STORE_DOWN ? failure : noAdmin))
                        : Future.failedFuture(noAdmin));
    }
}
