package org.pganalytics.wire;

import java.util.List;
import java.util.Locale;
import org.pganalytics.model.Loss;
import org.pganalytics.model.Names;

/** The losses of a push in JSON. */
final class JsonLosses {
    private JsonLosses() {}

    static String name(Loss.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT);
    }

    static void read(JsonIn in, List<Loss> losses) {
        in.array("losses");
        while (in.elementObject("a loss")) {
            if (losses.size() == BatchHeader.LOSSES_MAX) {
                throw in.bad("more than %d losses".formatted(BatchHeader.LOSSES_MAX));
            }
            losses.add(loss(in));
        }
    }

    private static Loss loss(JsonIn in) {
        var family = "";
        Loss.Reason reason = null;
        long rows = 0;
        long from = 0;
        long to = 0;
        for (var name = in.member("a loss"); name != null; name = in.member("a loss")) {
            in.next();
            switch (name) {
                case "family" -> family = family(in);
                case "reason" -> reason = reason(in);
                case "rows" -> rows = rows(in);
                case "from" -> from = in.timestamptz("from");
                case "to" -> to = in.timestamptz("to");
                default -> throw in.bad("a loss has no member " + name);
            }
        }
        if (reason == null) {
            throw in.bad("a loss needs a reason");
        }
        return new Loss(family, reason, rows, from, to);
    }

    private static String family(JsonIn in) {
        var family = in.text("the family of a loss");
        if (!family.isEmpty() && !Names.isFamily(family)) {
            throw in.bad("the family of a loss is no family's name");
        }
        return family;
    }

    private static long rows(JsonIn in) {
        long rows = in.int8("rows");
        if (rows < 0) {
            throw in.bad("the rows of a loss are negative");
        }
        return rows;
    }

    private static Loss.Reason reason(JsonIn in) {
        var text = in.text("the reason of a loss");
        for (var reason : Loss.Reason.values()) {
            if (name(reason).equals(text)) {
                return reason;
            }
        }
        throw in.bad("the reason of a loss is none of spool_full, no_longer_kept, spool_broken, too_large");
    }
}
