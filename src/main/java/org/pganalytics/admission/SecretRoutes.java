package org.pganalytics.admission;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Call;
import org.pganalytics.http.Operations;
import org.pganalytics.secrets.RandomSecrets;

/** The registration secrets, over HTTP: what docs/openapi.yaml has under that tag. */
public final class SecretRoutes {
    private final RegistrationSecrets secrets;
    private final RandomSecrets random;
    private final Clock clock;

    public SecretRoutes(RegistrationSecrets secrets, RandomSecrets random, Clock clock) {
        this.secrets = secrets;
        this.random = random;
        this.clock = clock;
    }

    public void mount(Operations operations) {
        operations.on("listSecrets", call -> secrets.list().map(SecretRoutes::shown));
        operations.on("createSecret", this::create);
        operations.on(
                "revokeSecret",
                call -> secrets.revoke(call.text("name"), call.actor()).map(Answer.nothing()));
    }

    private Future<Answer> create(Call call) {
        var name = call.body().getString("name");
        var expires = Optional.ofNullable(call.body().getInteger("days"))
                .map(days -> clock.instant().plus(days, ChronoUnit.DAYS));
        var secret = random.next();
        return secrets.add(name, secret, expires, call.actor())
                .map(added -> Answer.created(
                        new JsonObject().put("name", name).put("secret", secret).put("expires_at", text(expires))));
    }

    private static Answer shown(java.util.List<RegistrationSecret> secrets) {
        var shown = new JsonArray();
        secrets.forEach(secret -> shown.add(new JsonObject()
                .put("name", secret.name())
                .put("created_at", secret.createdAt().toString())
                .put("expires_at", text(secret.expiresAt()))
                .put("revoked_at", text(secret.revokedAt()))
                .put("last_used_at", text(secret.lastUsedAt()))
                .put("uses", Long.toString(secret.uses()))));
        return Answer.ok(new JsonObject().put("secrets", shown));
    }

    private static String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }
}
