package org.pganalytics.wire.v3;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.pganalytics.model.FamilySchema;
import org.pganalytics.wire.v3.Place.Meaning;

/** Which values of a push go where, by the families that are declared. Immutable; one for the server. */
public final class Layout {
    private static final String DATABASE_COLUMN = "datname";
    /** Said again in each object; who sends is known by the token. */
    private static final List<String> SAID_ELSEWHERE = List.of("collector_id", "hostname");

    private final Place root = new Place();
    private final List<Section> sections = new ArrayList<>();
    private final Map<String, String> undeclared = new HashMap<>();
    private final Set<String> types =
            Forms.ALL.stream().map(Section.Form::type).collect(Collectors.toUnmodifiableSet());

    /** @param declared what the server can store; rows of a family that is not here are set aside */
    public Layout(Collection<FamilySchema> declared) {
        var byName = new HashMap<String, FamilySchema>();
        declared.forEach(schema -> byName.put(schema.family(), schema));
        root.at("hostname").meaning(Meaning.HOSTNAME);
        List.of("collector_id", "version", "timestamp", "metrics_count")
                .forEach(name -> root.at(name).meaning(Meaning.IGNORED));
        var metric = root.at("metrics").meaning(Meaning.METRICS);
        Forms.ALL.forEach(form -> add(metric, form, byName));
        metric.at("type").meaning(Meaning.TYPE);
        metric.at("timestamp").meaning(Meaning.TIMESTAMP);
        metric.at("database").meaning(Meaning.DATABASE);
        SAID_ELSEWHERE.forEach(name -> metric.at(name).meaning(Meaning.IGNORED));
    }

    private void add(Place metric, Section.Form form, Map<String, FamilySchema> byName) {
        var place = metric.at(form.path());
        var schema = byName.get(form.family());
        if (schema == null) {
            place.undeclared(form.family());
            if (form.path().isEmpty()) {
                undeclared.put(form.type(), form.family());
            }
            return;
        }
        var renamed = form.renamed();
        int database = renamed.containsValue(DATABASE_COLUMN) ? -1 : column(schema, DATABASE_COLUMN);
        var section = new Section(sections.size(), form.type(), schema, database);
        sections.add(section);
        place.rows(section);
        var taken = new HashSet<>(renamed.values());
        schema.columns().stream()
                .map(column -> column.name())
                .filter(name -> !taken.contains(name) && !name.equals(DATABASE_COLUMN))
                .forEach(name -> goal(place, section, name, name));
        renamed.forEach((field, column) -> goal(place, section, field, column));
    }

    private static void goal(Place rows, Section section, String field, String column) {
        var place = rows.at(field);
        int index = column == null ? -1 : section.column(column);
        if (index >= 0) {
            place.goal(section, index);
        } else if (place.goals().isEmpty()) {
            place.meaning(Meaning.IGNORED);
        }
    }

    private static int column(FamilySchema schema, String name) {
        return new Section(0, "", schema, -1).column(name);
    }

    Place root() {
        return root;
    }

    int sections() {
        return sections.size();
    }

    /** The family that objects of the type themselves would be rows of, and that is not declared; else null. */
    String undeclared(String type) {
        return undeclared.get(type);
    }

    boolean knowsType(String type) {
        return types.contains(type);
    }
}
