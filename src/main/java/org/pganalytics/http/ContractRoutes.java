package org.pganalytics.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.Permission;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;

/** Routes requests by the contract: who may ask, what may be asked, who answers. To be filled, then mounted on each loop. */
public final class ContractRoutes implements Operations {
    private static final int BODY_BYTES_MAX = 64 << 10;
    /** From whom nobody knows: a name, a password or a code, and room for how JSON may spell them. */
    private static final int STRANGERS_BODY_BYTES_MAX = 4 << 10;

    private final Contract contract;
    private final Authenticator authenticator;
    private final Function<RoutingContext, Origin> origins;
    private final ApiConfig config;
    private final BodyLimit body;
    private final BodyLimit strangersBody;
    private final Duration answerTime;
    private final Map<String, Function<Call, Future<Answer>>> handlers = new HashMap<>();

    /**
     * @param origins says where a request comes from
     * @param bodyTime longest that a body may take to arrive
     * @param answerTime longest that an answer may take; what it was to do may yet be done then
     */
    public ContractRoutes(
            Contract contract,
            Authenticator authenticator,
            Function<RoutingContext, Origin> origins,
            ApiConfig config,
            Duration bodyTime,
            Duration answerTime) {
        this.contract = contract;
        this.authenticator = authenticator;
        this.origins = origins;
        this.config = config;
        this.body = new BodyLimit(BODY_BYTES_MAX, bodyTime);
        this.strangersBody = new BodyLimit(STRANGERS_BODY_BYTES_MAX, bodyTime);
        this.answerTime = answerTime;
        on("contract", call -> Future.succeededFuture(new Answer(200, "application/yaml", contract.text())));
    }

    @Override
    public void on(String operation, Function<Call, Future<Answer>> handler) {
        if (contract.operations().stream().noneMatch(known -> known.id().equals(operation) && !known.atDoor())) {
            throw new IllegalArgumentException("docs/openapi.yaml has no operation " + operation + " for this");
        }
        handlers.put(operation, handler);
    }

    public void mount(Router router) {
        if (!config.corsOrigins().isEmpty()) {
            router.route("/api/v1/*").handler(cors());
        }
        for (var operation : contract.operations()) {
            if (!operation.atDoor()) {
                var handler = handlers.get(operation.id());
                if (handler == null) {
                    throw new IllegalStateException("nobody answers the operation " + operation.id());
                }
                router.route(operation.method(), operation.route()).handler(ctx -> answer(ctx, operation, handler));
            }
        }
    }

    /** Without credentials of the browser's own: the token is in a header that the page sets. */
    private CorsHandler cors() {
        return CorsHandler.create()
                .addOrigins(config.corsOrigins())
                .allowedMethods(Set.copyOf(contract.operations().stream()
                        .map(Operation::method)
                        .distinct()
                        .toList()))
                .allowedHeaders(Set.of("Authorization", "Content-Type"))
                .exposedHeaders(Set.of("Retry-After"))
                .maxAgeSeconds(600);
    }

    private void answer(RoutingContext ctx, Operation operation, Function<Call, Future<Answer>> handler) {
        // Nobody may fill our memory before we know who it is.
        ctx.request().pause();
        inTime(principal(ctx, operation))
                .compose(principal -> call(ctx, operation, principal))
                .compose(call -> inTime(handler.apply(call)))
                .onSuccess(answer -> write(ctx, answer))
                .onFailure(ctx::fail);
    }

    /** A database that is stopped answers nobody, and ends nothing by itself. */
    private <T> Future<T> inTime(Future<T> answer) {
        return answer.timeout(answerTime.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(
                        failure instanceof TimeoutException
                                ? Fault.STORE_DOWN.because("there is no answer within " + answerTime, failure)
                                : failure));
    }

    private Future<Principal> principal(RoutingContext ctx, Operation operation) {
        return operation
                .permission()
                .map(needed -> authenticator.authenticate(ctx).map(who -> allowed(who, needed, operation.wantsFresh())))
                .orElse(Future.succeededFuture());
    }

    private static Principal allowed(Principal principal, Permission needed, boolean fresh) {
        if (principal.lacksFactor() && needed != Permission.SELF) {
            throw Fault.PROOF_WANTED.because(
                    "this role takes a second factor: add one (POST /api/v1/session/second-factor), or show the one that you"
                            + " have (POST /api/v1/session/confirm)");
        }
        if (!principal.may(needed)) {
            boolean isOutOfScope =
                    principal.role().map(role -> role.may(needed)).orElse(true);
            throw Fault.FORBIDDEN.because("%s may not do this: it takes the permission %s, which %s"
                    .formatted(
                            principal.name(),
                            needed.key(),
                            isOutOfScope
                                    ? "is not in the token's scopes"
                                    : "a role of %s has".formatted(Role.having(needed))));
        }
        if (fresh && !principal.isFresh()) {
            throw Fault.PROOF_WANTED.because("signing in is too long ago for this: prove who you are once more"
                    + " (POST /api/v1/session/confirm), then ask again");
        }
        return principal;
    }

    private Future<Call> call(RoutingContext ctx, Operation operation, Principal principal) {
        var query = new HashMap<String, List<String>>();
        ctx.queryParams()
                .forEach(entry -> query.computeIfAbsent(entry.getKey(), name -> new ArrayList<>())
                        .add(entry.getValue()));
        return (principal == null ? strangersBody : body)
                .read(ctx)
                .map(bytes -> new Call(
                        operation,
                        principal,
                        origins.apply(ctx),
                        operation.read(ctx.pathParams(), query),
                        operation.takesBody()
                                ? operation.read(ctx.request().getHeader(HttpHeaders.CONTENT_TYPE), bytes)
                                : new io.vertx.core.json.JsonObject()));
    }

    private static void write(RoutingContext ctx, Answer answer) {
        var response = ctx.response().setStatusCode(answer.status()).putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        answer.headers().forEach(response::putHeader);
        if (answer.body() == null) {
            response.end();
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, answer.mediaType()).end(answer.body());
        }
    }
}
