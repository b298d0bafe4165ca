package org.pganalytics.http;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.pganalytics.model.Principal;

/** Asks the operations of the contract within this process, held to it as a request is; for the command line. */
public final class LocalCalls implements Operations {
    private static final Origin HERE = new Origin("", "", "", "");

    private final Contract contract;
    private final Principal principal;
    private final Map<String, Function<Call, Future<Answer>>> handlers = new HashMap<>();

    public LocalCalls(Contract contract, Principal principal) {
        this.contract = contract;
        this.principal = principal;
    }

    @Override
    public void on(String operation, Function<Call, Future<Answer>> handler) {
        handlers.put(operation, handler);
    }

    /** What the operation answers; only those without a body in the request. */
    public Future<JsonObject> ask(String id, Map<String, String> inPath, Map<String, List<String>> inQuery) {
        return Future.<Void>succeededFuture().compose(begin -> {
            var operation = contract.operations().stream()
                    .filter(known -> known.id().equals(id))
                    .findFirst()
                    .orElseThrow();
            var call = new Call(operation, principal, HERE, operation.read(inPath, inQuery), new JsonObject());
            return handlers.get(id).apply(call).map(answer -> new JsonObject(answer.body()));
        });
    }
}
