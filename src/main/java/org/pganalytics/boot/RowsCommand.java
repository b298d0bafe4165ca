package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is stored of a family. */
@Command(
        name = "rows",
        description = "Shows rows of a metric family for one target, as they were stored or gathered in buckets.",
        mixinStandardHelpOptions = true)
final class RowsCommand implements Callable<Integer> {
    @Mixin
    private ApiCommand api;

    @Mixin
    private PageOption page;

    @Parameters(paramLabel = "FAMILY", description = "Such as pg_stat_database; docs/families.md lists them.")
    private String family;

    @Option(names = "--target", required = true, paramLabel = "ID", description = "As 'target list' says it.")
    private String target;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Such as 2026-11-21T08:30:00Z; default an hour before --to.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Default now.")
    private String to;

    @Option(names = "--columns", paramLabel = "A,B", description = "Only these columns.")
    private String columns;

    @Option(
            names = "--filter",
            paramLabel = "COLUMN=VALUE",
            description = "Only rows with this value; may be repeated.")
    private List<String> filters = List.of();

    @Option(
            names = "--bucket",
            paramLabel = "LENGTH",
            description = "Gather in buckets such as 1m; counters become rates.")
    private String bucket;

    @Override
    public Integer call() {
        var given = new HashMap<String, String>();
        given.put("target", target);
        given.put("from", from);
        given.put("to", to);
        given.put("columns", columns);
        given.put("bucket", bucket);
        var query = page.with(given);
        query.put("filter", filters);
        var answer = api.ask(bucket == null ? "listRows" : "listBuckets", Map.of("family", family), query);
        return bucket == null
                ? api.tell(answer, "rows", shown(answer))
                : api.tell(answer, "rows", List.of("time", "keys", "values"));
    }

    private static List<String> shown(JsonObject answer) {
        var shown = new ArrayList<String>();
        shown.add(answer.containsKey("from") ? "time" : "last_sent");
        JsonArray all = answer.getJsonArray("columns");
        all.forEach(column -> shown.add(((JsonObject) column).getString("name")));
        return shown;
    }
}
