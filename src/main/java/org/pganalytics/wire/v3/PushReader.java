package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pganalytics.fault.Fault;

/**
 * Makes objects of the values of one push. Holds one element of {@code metrics} at a time, and what nobody has
 * {@linkplain #take taken} yet. One thread at a time.
 */
final class PushReader implements Values {
    /** The deepest value of a real push is at 7. */
    private static final int DEPTH_MAX = 32;

    private final Layout layout;
    private final Place[] places = new Place[DEPTH_MAX];
    private final boolean[] arrays = new boolean[DEPTH_MAX];
    private int depth;
    private Place next;
    private String name = "";

    private List<PushedObject> done = new ArrayList<>();
    private ObjectBuilder object;
    /** By section, how many rows the object before had, as the next one is likely to. */
    private final int[] expected;

    private String entry = "";
    private String hostname;
    private boolean metrics;
    private long odd;
    private long unknown;

    PushReader(Layout layout) {
        this.layout = layout;
        this.expected = new int[layout.sections()];
    }

    @Override
    public void beginObject() {
        var place = place();
        enter(place, false);
        if (place == null) {
            return;
        }
        switch (place.meaning()) {
            case METRICS -> object = new ObjectBuilder(layout, expected);
            case DATABASE_ENTRY -> entry = name;
            default -> refuseUndeclared(place);
        }
    }

    private void refuseUndeclared(Place place) {
        if (place.undeclared() != null && object != null) {
            object.refuse(Fault.UNKNOWN_FAMILY.because(
                    "family %s is not declared on the server: add its file to conf/families"
                            .formatted(place.undeclared())));
        }
    }

    @Override
    public void endObject() {
        var place = leave();
        if (place == null || object == null) {
            return;
        }
        endRows(place);
        if (place.meaning() == Place.Meaning.DATABASE_ENTRY) {
            object.endPart(entry);
        } else if (place.meaning() == Place.Meaning.METRICS) {
            done.addAll(object.build());
            object = null;
        }
    }

    @Override
    public void beginArray() {
        var place = place();
        metrics |= depth == 1 && place != null && place.meaning() == Place.Meaning.METRICS;
        enter(place, true);
    }

    @Override
    public void endArray() {
        leave();
    }

    @Override
    public void name(byte[] bytes, int from, int to) {
        var place = places[depth - 1];
        next = place == null ? null : place.member(bytes, from, to);
        if (next != null && next.meaning() == Place.Meaning.DATABASE_ENTRY) {
            name = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        }
    }

    /** The place of the value that comes now. */
    private Place place() {
        if (depth == 0) {
            return layout.root();
        }
        if (arrays[depth - 1]) {
            return places[depth - 1];
        }
        return next;
    }

    private void enter(Place place, boolean array) {
        if (depth == DEPTH_MAX) {
            throw Fault.UNDECODABLE.because("the push is nested deeper than %d levels".formatted(DEPTH_MAX));
        }
        if (depth == 0 && array) {
            throw Fault.UNDECODABLE.because("a push is an object");
        }
        places[depth] = place;
        arrays[depth] = array;
        depth++;
    }

    private Place leave() {
        depth--;
        var place = places[depth];
        places[depth] = null;
        // An element of an array stands where the array stands: the array's own end ends no row.
        return arrays[depth] ? null : place;
    }

    @Override
    public void value(Scalar value) {
        if (value.kind() == Scalar.Kind.NOTHING) {
            return;
        }
        var place = place();
        if (place == null) {
            unknown += object == null ? 0 : 1;
            return;
        }
        if (place.meaning() != Place.Meaning.COLUMN) {
            mean(place, value);
        }
        if (object != null) {
            put(place, value);
        }
    }

    private void mean(Place place, Scalar value) {
        if (place.meaning() == Place.Meaning.HOSTNAME && value.kind() == Scalar.Kind.TEXT) {
            hostname = value.toString();
        } else if (object != null) {
            object.mean(place.meaning(), value);
        }
    }

    private void put(Place place, Scalar value) {
        var goals = place.goals();
        for (int at = 0; at < goals.size(); at++) {
            var rows = object.rows(goals.get(at).section());
            odd += rows.cells(goals.get(at).column()).put(rows.count(), value) ? 0 : 1;
        }
        if (arrays[depth - 1]) {
            // A list of texts: each is a row.
            endRows(place);
        }
    }

    private void endRows(Place place) {
        for (var section : place.rows()) {
            object.endRow(section);
        }
    }

    /** To be called at the end of the values. Fails when they are no push, or were cut off. */
    void end() {
        if (depth > 0) {
            throw Fault.BAD_REQUEST.because("the push is cut off");
        }
        if (!metrics) {
            throw Fault.UNDECODABLE.because("a push of version 3 has an array 'metrics'");
        }
    }

    /** The objects that are complete, each once. */
    List<PushedObject> take() {
        var taken = done;
        done = new ArrayList<>();
        return taken;
    }

    /** What the sender calls its host; empty as long as it has not said. */
    Optional<String> hostname() {
        return Optional.ofNullable(hostname);
    }

    /** About what the element that is being read holds of memory. */
    long bytes() {
        return object == null ? 0 : object.bytes();
    }

    /** Values that were none of their column's type, and are null now. */
    long odd() {
        return odd;
    }

    /** Values at places that no collector of version 3 fills. */
    long unknown() {
        return unknown;
    }
}
