package org.pganalytics.audit;

import io.vertx.core.json.JsonObject;

/**
 * One thing that somebody did. Text is made safe to keep; no secret belongs in it.
 *
 * @param actor who: {@code collector:UUID}, {@code registration-secret:NAME}, {@code config}, a person; at most 255
 * @param action what, as {@code noun.verb}, such as {@code collector.revoke}; at most 64
 * @param target to what or whom; at most 255
 * @param outcome {@code ok} or the name of the fault; at most 64
 * @param address the peer's IP address, or empty; at most 64
 * @param details flat; names ours, values text or numbers, texts at most 500
 */
public record AuditRecord(
        String actor, String action, String target, String outcome, String address, JsonObject details) {
    public static final String OK = "ok";
    private static final int DETAIL_LENGTH_MAX = 500;

    /** 2 to the 53rd less 1. */
    private static final long EXACT_MAX = (1L << 53) - 1;

    public AuditRecord {
        actor = SafeText.of(actor, 255);
        action = SafeText.of(action, 64);
        target = SafeText.of(target, 255);
        outcome = SafeText.of(outcome, 64);
        address = SafeText.of(address, 64);
        var safe = new JsonObject();
        details.forEach(entry -> safe.put(entry.getKey(), safe(entry.getValue())));
        details = safe;
    }

    private static Object safe(Object value) {
        return value instanceof Boolean || value instanceof Number number && isExact(number)
                ? value
                : SafeText.of(String.valueOf(value), DETAIL_LENGTH_MAX);
    }

    /** What a double does not carry becomes text: the proof of an event is over numbers as JSON has them. */
    private static boolean isExact(Number number) {
        return number instanceof Integer
                || number instanceof Long whole && Math.abs(whole) <= EXACT_MAX
                || number instanceof Double real && Double.isFinite(real);
    }
}
