package org.pganalytics.boot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who creates most series. */
@Command(
        name = "cardinality",
        description = "Lists which collectors created most series (statements, tables, ...) in a day, those first whose"
                + " rows were folded for it.",
        mixinStandardHelpOptions = true)
final class CardinalityCommand implements Callable<Integer> {
    private static final List<String> SHOWN =
            List.of("collector_id", "name", "family", "series", "series_max", "folded_rows", "limited_by");

    @Mixin
    private ApiCommand api;

    @Mixin
    private PageOption page;

    @Option(names = "--day", paramLabel = "DATE", description = "In UTC, such as 2026-01-31; default today.")
    private String day;

    @Option(names = "--collector", paramLabel = "ID", description = "List only this collector's.")
    private String collector;

    @Option(names = "--family", paramLabel = "NAME", description = "List only those of this family.")
    private String family;

    @Override
    public Integer call() {
        var conditions = new HashMap<String, String>();
        conditions.put("day", day);
        conditions.put("collector", collector);
        conditions.put("family", family);
        return api.tell(api.ask("listCardinality", Map.of(), page.with(conditions)), "entries", SHOWN);
    }
}
