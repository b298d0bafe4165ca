package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Authenticator;
import org.pganalytics.http.BearerToken;
import org.pganalytics.model.Principal;

/** Signs in whoever shows an admin token; of an address that shows wrong ones it looks at fewer and fewer. */
public final class SignIn implements Authenticator {
    private final AdminTokens tokens;
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
            Function<RoutingContext, String> address,
            Strangers strangers,
            Function<String, Future<Principal>> others) {
        this.tokens = tokens;
        this.address = address;
        this.strangers = strangers;
        this.others = others;
    }

    @Override
    public Future<Principal> authenticate(RoutingContext ctx) {
        var from = address.apply(ctx);
        return Future.<Void>succeededFuture()
                .compose(begin -> {
                    strangers.check().accept(from);
                    return find(BearerToken.of(ctx.request()));
                })
                .onFailure(failure -> {
                    if (Fault.of(failure) == Fault.UNAUTHENTICATED) {
                        strangers.failed().accept(from);
                    }
                });
    }

    /** The refusal of an admin token says what to do: it is what a person meant to show. */
    private Future<Principal> find(String token) {
        return tokens.find(token)
                .recover(noAdmin -> Fault.of(noAdmin) == Fault.UNAUTHENTICATED
                        ? others.apply(token)
                                .recover(failure ->
                                        Future.failedFuture(Fault.of(failure) == Fault.STORE_DOWN ? failure : noAdmin))
                        : Future.failedFuture(noAdmin));
    }
}
