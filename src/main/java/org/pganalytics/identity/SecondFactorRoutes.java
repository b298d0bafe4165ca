package org.pganalytics.identity;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;

/** One's own second factor, and proving once more who one is, over HTTP. */
public final class SecondFactorRoutes {
    private final Confirmation confirmation;

    public SecondFactorRoutes(Confirmation confirmation) {
        this.confirmation = confirmation;
    }

    public void mount(Operations operations) {
        operations.on(
                "beginSecondFactor",
                call -> confirmation
                        .beginFactor(SessionRoutes.person(call))
                        .map(begun -> Answer.created(new JsonObject()
                                .put("key", begun.key())
                                .put("uri", begun.uri())
                                .put("qr_svg", begun.qrSvg()))));
        operations.on("addSecondFactor", this::add);
        operations.on(
                "removeSecondFactor",
                call -> confirmation
                        .removeFactor(SessionRoutes.person(call), call.origin().address())
                        .map(Answer.nothing()));
        operations.on("confirmSession", this::confirm);
    }

    private Future<Answer> add(Call call) {
        return confirmation
                .addFactor(
                        SessionRoutes.person(call),
                        call.body().getString("code"),
                        call.origin().address())
                .map(codes -> Answer.created(new JsonObject().put("recovery_codes", new JsonArray(codes))));
    }

    private Future<Answer> confirm(Call call) {
        return confirmation
                .confirm(
                        SessionRoutes.person(call),
                        call.body().getString("password", ""),
                        call.body().getString("code", ""),
                        call.origin().address())
                .map(Answer.nothing());
    }
}
