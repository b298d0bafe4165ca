package org.pganalytics.wire.v3;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/**
 * Gathers one element of {@code metrics}. Its type and time come last, as its members are sorted; until then its rows
 * are kept by where they stand.
 */
final class ObjectBuilder {
    /** Most values, nulls included, of one element: what 50 MiB can hold in rows of a real collector. */
    static final long CELLS_MAX = 8_000_000;

    private static final int TEXT_MAX = 255;
    private static final int TYPE_MAX = 63;
    /** A guess that memory is taken for before it is needed: once for rows that came, and not for more than a few. */
    private static final int EXPECTED_MAX = 4_096;
    /** What an object takes besides its rows. */
    private static final int OBJECT_BYTES = 300;

    private final Layout layout;
    private final int[] expected;
    private final List<Part> parts = new ArrayList<>();
    private Rows[] rows;
    private String type;
    private String database = "";
    private OptionalLong second = OptionalLong.empty();
    private FaultException refusal;
    private long cells;
    private long bytes;

    /** The rows of one database. */
    private record Part(String database, List<Rows> rows) {}

    /** @param expected by section, how many rows there may be: as many as the object before had; used once */
    ObjectBuilder(Layout layout, int[] expected) {
        this.layout = layout;
        this.expected = expected;
        this.rows = new Rows[layout.sections()];
    }

    Rows rows(Section section) {
        var found = rows[section.index()];
        if (found == null) {
            found = new Rows(section, expected[section.index()]);
            expected[section.index()] = 0;
            rows[section.index()] = found;
        }
        return found;
    }

    void endRow(Section section) {
        var found = rows[section.index()];
        if (found == null || !found.begun()) {
            return;
        }
        cells += section.schema().columns().size();
        if (cells > CELLS_MAX) {
            found.dropRow();
            refuse(Fault.BAD_DATA.because("an object may have %d values; this one has more".formatted(CELLS_MAX)));
        } else {
            found.endRow();
        }
    }

    void refuse(FaultException why) {
        refusal = refusal == null ? why : refusal;
    }

    /** Takes a value that says something about the whole. */
    void mean(Place.Meaning meaning, Scalar value) {
        if (meaning == Place.Meaning.TIMESTAMP) {
            second = value.kind() == Scalar.Kind.WHOLE
                    ? PgTime.seconds(value.whole())
                    : PgTime.seconds(value.toString());
        } else if (meaning == Place.Meaning.TYPE) {
            type = cut(value.toString(), TYPE_MAX);
        } else if (meaning == Place.Meaning.DATABASE) {
            database = cut(value.toString(), TEXT_MAX);
        }
    }

    /** Closes what was said of one database; the next one begins anew. */
    void endPart(String of) {
        var full = full();
        full.forEach(some -> expected[some.section().index()] = Math.min(some.count(), EXPECTED_MAX));
        bytes += OBJECT_BYTES + full.stream().mapToLong(Rows::bytes).sum();
        parts.add(new Part(cut(of, TEXT_MAX), full));
        rows = new Rows[rows.length];
    }

    private List<Rows> full() {
        return Arrays.stream(rows)
                .filter(Objects::nonNull)
                .filter(some -> some.count() > 0)
                .toList();
    }

    /** About what it holds of memory. */
    long bytes() {
        return bytes
                + Arrays.stream(rows)
                        .filter(Objects::nonNull)
                        .mapToLong(Rows::bytes)
                        .sum();
    }

    /** To be called once, at the element's end. */
    List<PushedObject> build() {
        var why = whyNot();
        if (why != null) {
            var text = type == null || type.isEmpty() ? "?" : type;
            return List.of(new PushedObject(text, database, second, List.of(), why, OBJECT_BYTES));
        }
        if (parts.isEmpty() || !full().isEmpty()) {
            endPart(database);
        }
        return parts.stream().map(this::object).toList();
    }

    private PushedObject object(Part part) {
        var own = part.rows().stream()
                .filter(some -> some.section().type().equals(type))
                .toList();
        long memory = own.stream().mapToLong(Rows::bytes).sum();
        return new PushedObject(type, part.database(), second, own, null, OBJECT_BYTES + memory);
    }

    private FaultException whyNot() {
        if (type == null) {
            return Fault.BAD_DATA.because("an element of metrics has no type");
        }
        if (!layout.knowsType(type)) {
            return Fault.UNKNOWN_FAMILY.because("no collector of version 3 sends objects of the type " + type);
        }
        if (layout.undeclared(type) != null) {
            return Fault.UNKNOWN_FAMILY.because("family %s is not declared on the server: add its file to conf/families"
                    .formatted(layout.undeclared(type)));
        }
        if (second.isEmpty()) {
            return Fault.BAD_DATA.because(
                    "an object of type %s has no timestamp in the form of RFC 3339".formatted(type));
        }
        return refusal;
    }

    private static String cut(String text, int lengthMax) {
        var shown = text.replaceAll("[\\p{Cntrl}\uFFFE\uFFFF]|\\p{Cs}", "?");
        return shown.length() <= lengthMax ? shown : shown.substring(0, lengthMax);
    }
}
