package org.pganalytics.identity.federation;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Operations;

/** What a page for signing in may offer, over HTTP; whether a provider answers at the moment it does not say. */
public final class SignInMethods {
    private final List<Method> methods;

    /**
     * A provider, as people see it.
     *
     * @param title for people
     * @param path where a browser begins
     */
    public record Method(Provider provider, String title, String path) {}

    public SignInMethods(List<Method> methods) {
        this.methods = List.copyOf(methods);
    }

    public void mount(Operations operations) {
        operations.on("listSignInMethods", call -> Future.succeededFuture(Answer.ok(json())));
    }

    /** By name and password always, here or in the directory: it works while every provider is away. */
    private JsonObject json() {
        var shown = new JsonArray().add(new JsonObject().put("method", "password"));
        methods.forEach(method -> shown.add(new JsonObject()
                .put("method", method.provider().source().key())
                .put("provider", method.provider().id())
                .put("title", method.title())
                .put("begin", method.path())));
        return new JsonObject().put("methods", shown);
    }
}
