package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands have in common that ask the inventory: which one, and how they print what it answers. */
final class InventoryCommand {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    Inventory inventory() {
        return new Inventory(config.load());
    }

    /** Who does it, for the audit. */
    static String actor() {
        return "cli:" + System.getProperty("user.name");
    }

    /** To the second. */
    static String text(Optional<Instant> time) {
        return text(time, "never");
    }

    static String text(Optional<Instant> time, String absent) {
        return time.map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(absent);
    }

    int tell(Object asJson, String asText) {
        var out = spec.commandLine().getOut();
        out.println(json ? asJson.toString() : asText);
        out.flush();
        return 0;
    }

    /** @param cells of a line, as many as the head has */
    <E> int tell(List<E> all, Function<E, JsonObject> asJson, List<String> head, Function<E, List<String>> cells) {
        var array = new JsonArray();
        all.stream().map(asJson).forEach(array::add);
        return tell(array.encode(), Columns.of(head, all.stream().map(cells).toList()));
    }
}
