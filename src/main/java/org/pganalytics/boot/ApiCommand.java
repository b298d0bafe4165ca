package org.pganalytics.boot;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pganalytics.bus.Bus;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.database.Tier;
import org.pganalytics.fleet.TargetRoutes;
import org.pganalytics.http.Contract;
import org.pganalytics.http.LocalCalls;
import org.pganalytics.model.Principal;
import org.pganalytics.model.Role;
import org.pganalytics.query.CardinalityRoutes;
import org.pganalytics.query.FamilyRoutes;
import org.pganalytics.storage.KnownTables;
import org.pganalytics.storage.Quarantine;
import org.pganalytics.storage.QuarantineRoutes;
import org.pganalytics.storage.Tables;
import org.pganalytics.storage.series.SeriesLimits;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.Targets;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands have in common that ask the API's operations of the database itself, beside a server or without one. */
final class ApiCommand {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "As one JSON object, as the API answers.")
    private boolean json;

    /** @param query without those that are null or empty */
    JsonObject ask(String operation, Map<String, String> path, Map<String, List<String>> query) {
        var settings = config.load();
        var given = query.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new Inventory(settings)
                .ask((vertx, pool) -> calls(settings, vertx, pool, operation.equals("replayQuarantined"))
                        .compose(calls -> calls.ask(operation, path, given)));
    }

    /** @param storing whether the families' tables are needed, to write into them */
    private static Future<LocalCalls> calls(ServerConfig settings, Vertx vertx, Pool pool, boolean storing) {
        return (storing ? tables(settings, vertx, pool) : Future.<Tables>succeededFuture()).map(tables -> {
            var actor = new Principal(InventoryCommand.actor(), Role.ADMIN);
            var calls = new LocalCalls(Contract.ofClassPath(), actor);
            new TargetRoutes(pool).mount(calls);
            new CardinalityRoutes(pool, settings.query(), Clock.systemUTC()).mount(calls);
            new FamilyRoutes(pool, settings.query(), Clock.systemUTC()).mount(calls);
            var quarantine = new Quarantine(pool, Auditing.trail(settings));
            var replay = storing
                    ? Api.replay(
                            quarantine,
                            settings,
                            vertx,
                            new Api.Writing(pool, tables, series(settings), new Bus(vertx)))
                    : null;
            new QuarantineRoutes(quarantine, replay).mount(calls);
            return calls;
        });
    }

    /** Counts what it stores itself. */
    private static SeriesLimits series(ServerConfig settings) {
        return new SeriesLimits(settings.series(), Clock.systemUTC(), new SecureRandom(), new SimpleMeterRegistry());
    }

    private static Future<Tables> tables(ServerConfig settings, Vertx vertx, Pool pool) {
        return Tier.detect(pool, settings.database().isEmbedded()).compose(tier -> {
            var families = new FamilyTables(vertx, pool, tier, settings.tables());
            return families.prepare(settings.families())
                    .map(prepared -> new KnownTables(families, new Targets(pool, settings.tables())));
        });
    }

    /** Prints an answer as it is, or its list as a table of these columns. */
    int tell(JsonObject answer, String list, List<String> columns) {
        var rows = answer.getJsonArray(list, new JsonArray());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(answer.encode());
        } else {
            out.println(String.join("\t", columns));
            rows.forEach(row -> out.println(columns.stream()
                    .map(column -> shown(((JsonObject) row).getValue(column)))
                    .collect(Collectors.joining("\t"))));
            if (answer.getString("next") != null) {
                out.println("there are more: --cursor " + answer.getString("next"));
            }
        }
        out.flush();
        return 0;
    }

    /** Prints one thing, a line a field. */
    int tell(JsonObject answer) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(answer.encode());
        } else {
            answer.forEach(field -> out.println(field.getKey() + "\t" + shown(field.getValue())));
        }
        out.flush();
        return 0;
    }

    /** On one line, without what a terminal would obey. */
    private static String shown(Object value) {
        return value == null ? "-" : value.toString().replaceAll("\\p{Cntrl}", " ");
    }
}
