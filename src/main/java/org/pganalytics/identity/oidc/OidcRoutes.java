package org.pganalytics.identity.oidc;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.pganalytics.fault.Fault;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;
import org.pganalytics.identity.SessionCookie;
import org.pganalytics.identity.federation.FederatedPerson;
import org.pganalytics.identity.federation.FederatedSignIn;
import org.pganalytics.identity.federation.PendingSignIns;
import org.pganalytics.identity.federation.PendingSignIns.Taken;
import org.pganalytics.identity.federation.SignInCookie;
import org.pganalytics.identity.federation.SignInMethods;

/** Signing in by OpenID Connect and OAuth, over HTTP. */
public final class OidcRoutes {
    private static final String PATH = "/api/v1/session/oidc/";
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,64}");

    private final Map<String, Known> providers = new LinkedHashMap<>();
    private final PendingSignIns pending;
    private final FederatedSignIn signIn;
    private final Duration sessionMax;

    private record Known(OidcProviderConfig config, PersonSource source) {}

    private record Proven(Taken taken, FederatedPerson person) {}

    OidcRoutes(
            Map<OidcProviderConfig, PersonSource> sources,
            PendingSignIns pending,
            FederatedSignIn signIn,
            Duration sessionMax) {
        sources.forEach((config, source) -> providers.put(config.id(), new Known(config, source)));
        this.pending = pending;
        this.signIn = signIn;
        this.sessionMax = sessionMax;
    }

    static String callback(OidcProviderConfig config) {
        return PATH + config.id() + "/callback";
    }

    /** For a page that offers them. */
    public List<SignInMethods.Method> methods() {
        return providers.values().stream()
                .map(known -> new SignInMethods.Method(
                        known.config().provider(),
                        known.config().title(),
                        PATH + known.config().id()))
                .toList();
    }

    public void mount(Operations operations) {
        operations.on("beginOidc", this::begin);
        operations.on("finishOidc", this::finish);
    }

    private Known known(Call call) {
        var known = providers.get(call.text("provider"));
        if (known == null) {
            throw Fault.NOT_FOUND.because(
                    "there is no such provider; GET /api/v1/session/methods lists those that there are");
        }
        return known;
    }

    private Future<Answer> begin(Call call) {
        var known = known(call);
        var provider = known.config().provider();
        return signIn.limited(
                call.origin(),
                () -> pending.begin(provider, "", call.text("target"), call.origin())
                        .compose(ticket -> known.source()
                                .address(ticket)
                                .map(address -> Answer.redirect(address)
                                        .with("Set-Cookie", SignInCookie.set(ticket.browser(), PendingSignIns.LIFE)))));
    }

    private Future<Answer> finish(Call call) {
        var known = known(call);
        var provider = known.config().provider();
        // Any page may send a browser here; without the cookie of a beginning that counts for nobody, and costs
        // nothing.
        if (call.origin().signIn().isEmpty()) {
            throw Fault.UNAUTHENTICATED.because("no sign-in was begun in this browser at this address; begin here");
        }
        return signIn.attempt(
                        provider,
                        call.origin(),
                        () -> pending.take(provider, call.text("state"), call.origin())
                                .compose(taken -> person(known, taken, call)))
                .compose(proven -> signIn.admit(proven.person(), call.origin())
                        .map(cookie -> Answer.redirect(proven.taken().target())
                                .with("Set-Cookie", SessionCookie.set(cookie, sessionMax))));
    }

    /** What a provider says of an error is left out: it may say anything. */
    private static Future<Proven> person(Known known, Taken taken, Call call) {
        if (call.has("error")) {
            var error = call.text("error");
            return Future.failedFuture(Fault.FORBIDDEN.because("the provider %s did not let you in (%s)"
                    .formatted(known.config().id(), ERROR.matcher(error).matches() ? error : "an error")));
        }
        if (!call.has("code")) {
            return Future.failedFuture(Fault.UNAUTHENTICATED.because("the provider's answer has no code; begin again"));
        }
        return known.source()
                .person(taken.ticket(), call.text("code"), call.optional("iss"))
                .map(person -> new Proven(taken, person));
    }
}
