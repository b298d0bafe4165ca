package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.Finding;
import org.pganalytics.collector.TargetCheck;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.model.MetricFamily;

/** Tries every target of a collector and tells what it found, with the remedy for what is wrong. */
final class CollectCheck {
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final int AT_ONCE = 8;

    private final CollectorConfig config;
    private final List<MetricFamily> families;

    CollectCheck(CollectorConfig config, List<MetricFamily> families) {
        this.config = config;
        this.families = families;
    }

    private record Checked(TargetConfig target, List<Finding> findings) {
        boolean isGood() {
            return findings.stream().noneMatch(Finding::isProblem);
        }
    }

    /** @return whether there was no problem */
    boolean run(PrintWriter out, boolean json) {
        var vertx = Vertx.vertx();
        try {
            var all = Promise.<List<Checked>>promise();
            vertx.runOnContext(go -> all(vertx).onComplete(all));
            var checked = Await.result(all.future(), LONGEST, "the check");
            boolean good = !checked.isEmpty() && checked.stream().allMatch(Checked::isGood);
            if (json) {
                out.println(asJson(checked, good).encode());
            } else {
                checked.forEach(one -> tell(out, one));
                out.println(
                        good ? "everything can be collected" : checked.isEmpty() ? "there is no target" : "see above");
            }
            out.flush();
            return good;
        } finally {
            Await.result(vertx.close(), Duration.ofSeconds(20), "the end");
        }
    }

    /** A few at a time, in the order of the configuration. */
    private Future<List<Checked>> all(Vertx vertx) {
        var targets = config.targets();
        var found = new Checked[targets.size()];
        var next = new AtomicInteger();
        var lanes = new ArrayList<Future<Void>>();
        for (int lane = 0; lane < Math.min(AT_ONCE, targets.size()); lane++) {
            lanes.add(checkOn(vertx, next, found));
        }
        return Future.all(lanes).map(done -> List.of(found));
    }

    private Future<Void> checkOn(Vertx vertx, AtomicInteger next, Checked[] found) {
        int at = next.getAndIncrement();
        if (at >= found.length) {
            return Future.succeededFuture();
        }
        var target = config.targets().get(at);
        return new TargetCheck(vertx, target, families, config.link().connectTimeout())
                .run()
                .onSuccess(findings -> found[at] = new Checked(target, findings))
                .compose(done -> checkOn(vertx, next, found));
    }

    private static void tell(PrintWriter out, Checked checked) {
        var target = checked.target();
        out.println("%s (%s:%d)".formatted(target.name(), target.host(), target.port()));
        for (var finding : checked.findings()) {
            out.println("  %-8s %s: %s".formatted(word(finding), finding.subject(), finding.message()));
            if (!finding.remedy().isEmpty()) {
                out.println("           remedy: " + finding.remedy());
            }
        }
    }

    private static JsonObject asJson(List<Checked> checked, boolean good) {
        var targets = new JsonArray();
        for (var one : checked) {
            var findings = new JsonArray();
            one.findings()
                    .forEach(finding -> findings.add(new JsonObject()
                            .put("level", word(finding))
                            .put("subject", finding.subject())
                            .put("message", finding.message())
                            .put("remedy", finding.remedy())));
            targets.add(new JsonObject()
                    .put("name", one.target().name())
                    .put("host", one.target().host())
                    .put("port", one.target().port())
                    .put("ok", one.isGood())
                    .put("findings", findings));
        }
        return new JsonObject().put("ok", good).put("targets", targets);
    }

    private static String word(Finding finding) {
        return finding.level().name().toLowerCase(Locale.ROOT);
    }
}
