package org.pganalytics.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pganalytics.model.MetricFamily;

/**
 * A family's declaration as values of HOCON, the inverse of what reads it from its file, for agents: without what only a
 * server does with it, which agents of another version might refuse.
 */
final class FamilyText {
    private FamilyText() {}

    static Map<String, Object> of(MetricFamily family) {
        var said = new LinkedHashMap<String, Object>();
        said.put("family", family.name());
        said.put("title", family.title());
        said.put("kind", spelled(family.kind()));
        said.put("scope", spelled(family.scope()));
        said.put("interval", text(family.interval()));
        said.put("retention", text(family.retention()));
        said.put("source", spelled(family.reading().source()));
        said.put("send", spelled(family.reading().sending()));
        said.put("full-every", text(family.reading().fullEvery()));
        said.put("columns", columns(family));
        said.put("sql", family.statements().stream().map(FamilyText::statement).toList());
        return said;
    }

    private static List<Map<String, String>> columns(MetricFamily family) {
        return family.schema().columns().stream()
                .map(column -> Map.of(
                        "name", column.name(),
                        "type", column.type().sqlName(),
                        "role", column.role().declaredName()))
                .toList();
    }

    private static Map<String, Object> statement(MetricFamily.VersionedSql statement) {
        var said = new LinkedHashMap<String, Object>();
        said.put("from", statement.fromMajor());
        if (statement.toMajor() != Integer.MAX_VALUE) {
            said.put("to", statement.toMajor());
        }
        if (statement.extension() != null) {
            said.put("extension", statement.extension());
        }
        said.put("sql", statement.sql());
        return said;
    }

    private static String text(Duration duration) {
        return duration.toMillis() + "ms";
    }

    private static String spelled(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
