package org.pganalytics.wire.v3;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Places by the names of members, found by the bytes of a name: to make a text of each would take longer than its value. */
final class Members {
    private final Map<String, Place> byName = new HashMap<>();
    private Member[] table = new Member[8];

    /** @param next another one in the same place of the table, or null */
    private record Member(byte[] name, Place place, Member next) {}

    /** The member's place, made when it is not there. */
    Place made(String name) {
        return byName.computeIfAbsent(name, added -> {
            var place = new Place();
            table = byName.size() * 2 > table.length ? grown() : table;
            add(table, name.getBytes(StandardCharsets.UTF_8), place);
            return place;
        });
    }

    private Member[] grown() {
        var larger = new Member[table.length * 4];
        for (var first : table) {
            for (var member = first; member != null; member = member.next()) {
                add(larger, member.name(), member.place());
            }
        }
        return larger;
    }

    private static void add(Member[] to, byte[] name, Place place) {
        int slot = slot(name, 0, name.length, to.length);
        to[slot] = new Member(name, place, to[slot]);
    }

    /** Null when nobody knows it. */
    Place get(byte[] bytes, int from, int to) {
        for (var member = table[slot(bytes, from, to, table.length)]; member != null; member = member.next()) {
            if (Arrays.equals(bytes, from, to, member.name(), 0, member.name().length)) {
                return member.place();
            }
        }
        return null;
    }

    /** By the name's length and some of its bytes: those of a place are known, and few. */
    private static int slot(byte[] bytes, int from, int to, int slots) {
        int length = to - from;
        int some = length == 0 ? 0 : bytes[from] * 31 + bytes[to - 1] * 7 + bytes[from + length / 2];
        return (some * 31 + length) * 0x9E37_79B9 >>> Integer.numberOfLeadingZeros(slots - 1);
    }
}
