package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ProfileFile;
import org.pganalytics.fleet.Assignments;
import org.pganalytics.fleet.Profiles;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands of profiles have in common. */
final class ProfileOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    <T> T profiles(Function<Profiles, Future<T>> question) {
        var loaded = config.load();
        return new Inventory(loaded)
                .ask((vertx, pool) -> question.apply(new Profiles(
                        pool,
                        new AuditTrail(),
                        text -> vertx.executeBlocking(() -> ProfileFile.handedOut(text, loaded.families())))));
    }

    <T> T assignments(Function<Assignments, Future<T>> question) {
        return new Inventory(config.load())
                .ask((vertx, pool) -> question.apply(new Assignments(pool, new AuditTrail())));
    }

    <T> T ask(BiFunction<Vertx, Pool, Future<T>> question) {
        return new Inventory(config.load()).ask(question);
    }

    int tell(Object asJson, String asText) {
        var out = spec.commandLine().getOut();
        out.println(json ? asJson.toString() : asText);
        out.flush();
        return 0;
    }

    <E> int tell(List<E> all, Function<E, JsonObject> asJson, String head, Function<E, String> line) {
        var lines = new ArrayList<String>(List.of(head));
        all.stream().map(line).forEach(lines::add);
        var array = new JsonArray();
        all.stream().map(asJson).forEach(array::add);
        return tell(array.encode(), String.join(System.lineSeparator(), lines));
    }
}
