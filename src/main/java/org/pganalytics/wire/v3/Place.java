package org.pganalytics.wire.v3;

import java.util.ArrayList;
import java.util.List;

/**
 * A place in a push: what its value means. The elements of an array stand at the place of the array. Fixed once it is
 * built.
 */
final class Place {
    /** What a value is besides a column's. */
    enum Meaning {
        COLUMN,
        IGNORED,
        HOSTNAME,
        METRICS,
        TYPE,
        TIMESTAMP,
        DATABASE,
        DATABASE_ENTRY
    }

    /** A column that the value goes to. */
    record Goal(Section section, int column) {}

    private final Members members = new Members();
    private final List<Goal> goals = new ArrayList<>();
    private final List<Section> rows = new ArrayList<>();
    private Place anyMember;
    private Meaning meaning = Meaning.COLUMN;
    private String undeclared;

    /** The place of a member, by the UTF-8 of its name; null when nobody knows it. */
    Place member(byte[] bytes, int from, int to) {
        var member = members.get(bytes, from, to);
        return member == null ? anyMember : member;
    }

    /** The place at a path with / between names, made when it is not there. */
    Place at(String path) {
        var place = this;
        for (var name : path.isEmpty() ? new String[0] : path.split("/")) {
            place = place.made(name);
        }
        return place;
    }

    private Place made(String name) {
        if (!name.equals("*")) {
            return members.made(name);
        }
        if (anyMember == null) {
            anyMember = new Place().meaning(Meaning.DATABASE_ENTRY);
        }
        return anyMember;
    }

    Place meaning(Meaning what) {
        meaning = what;
        return this;
    }

    Place goal(Section section, int column) {
        goals.add(new Goal(section, column));
        return this;
    }

    Place rows(Section section) {
        rows.add(section);
        return this;
    }

    Place undeclared(String family) {
        undeclared = family;
        return this;
    }

    Meaning meaning() {
        return meaning;
    }

    List<Goal> goals() {
        return goals;
    }

    /** The sections of which each object here is a row. */
    List<Section> rows() {
        return rows;
    }

    /** The family that would be needed to keep what is here, and is not declared; else null. */
    String undeclared() {
        return undeclared;
    }
}
