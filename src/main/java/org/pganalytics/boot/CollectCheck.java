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
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.Finding;
import org.pganalytics.collector.PgBouncerCheck;
import org.pganalytics.collector.ServerCheck;
import org.pganalytics.collector.ServerConfig;
import org.pganalytics.collector.TargetCheck;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.collector.TargetSourcesConfig;
import org.pganalytics.model.MetricFamily;

/** Tries every target and server of a collector and tells what it found, with the remedy for what is wrong. */
final class CollectCheck {
    private static final Duration LONGEST = Duration.ofMinutes(30);
    private static final int AT_ONCE = 8;

    private final CollectorConfig config;
    private final List<MetricFamily> families;

    CollectCheck(CollectorConfig config, List<MetricFamily> families) {
        this.config = config;
        this.families = families;
    }

    /** @param place where it is, with its address, as JSON */
    private record Checked(String title, JsonObject place, List<Finding> findings) {
        boolean isGood() {
            return findings.stream().noneMatch(Finding::isProblem);
        }
    }

    private record All(List<Checked> servers, List<Checked> targets) {
        boolean isGood() {
            return !targets.isEmpty()
                    && Stream.concat(servers.stream(), targets.stream()).allMatch(Checked::isGood);
        }

        String verdict() {
            long problems = count(Finding::isProblem);
            long warnings = count(Finding::isWarning);
            if (targets.isEmpty()) {
                return "there is no target";
            }
            if (problems > 0) {
                return "collecting does not work as it is: %s above".formatted(number(problems, "problem"));
            }
            return warnings == 0
                    ? "everything can be collected and sent"
                    : "collecting works; %s above, with what to do to see more, or more safely"
                            .formatted(number(warnings, "warning"));
        }

        private long count(Predicate<Finding> kind) {
            return Stream.concat(servers.stream(), targets.stream())
                    .flatMap(checked -> checked.findings().stream())
                    .filter(kind)
                    .count();
        }

        private static String number(long count, String what) {
            return count + " " + what + (count == 1 ? "" : "s");
        }
    }

    /** @return whether there was no problem */
    boolean run(PrintWriter out, boolean json) {
        var vertx = Vertx.vertx();
        try {
            var all = Promise.<All>promise();
            vertx.runOnContext(go -> all(vertx).onComplete(all));
            var checked = Await.result(all.future(), LONGEST, "the check");
            if (json) {
                out.println(asJson(checked).encode());
            } else {
                checked.servers().forEach(one -> tell(out, one));
                checked.targets().forEach(one -> tell(out, one));
                out.println(checked.verdict());
            }
            out.flush();
            return checked.isGood();
        } finally {
            Await.result(vertx.close(), Duration.ofSeconds(20), "the end");
        }
    }

    private Future<All> all(Vertx vertx) {
        return each(config.servers(), server -> server(vertx, server))
                .compose(servers -> each(config.targets(), target -> target(vertx, target))
                        .map(targets -> new All(servers, targets)));
    }

    private Future<Checked> server(Vertx vertx, ServerConfig server) {
        var title = "server %s (tcp %d, http %d)".formatted(server.host(), server.tcpPort(), server.httpPort());
        var place = new JsonObject()
                .put("host", server.host())
                .put("tcp_port", server.tcpPort())
                .put("http_port", server.httpPort());
        return new ServerCheck(vertx, config, server).run().map(findings -> new Checked(title, place, findings));
    }

    private Future<Checked> target(Vertx vertx, TargetConfig target) {
        var timeout = config.link().connectTimeout();
        var title = "%s (%s:%d)".formatted(target.name(), target.host(), target.port());
        var place = new JsonObject()
                .put("name", target.name())
                .put("host", target.host())
                .put("port", target.port());
        var findings = target.sources().kind() == TargetSourcesConfig.Kind.PGBOUNCER
                ? new PgBouncerCheck(vertx, target, families, timeout).run()
                : new TargetCheck(vertx, target, families, timeout).run();
        return findings.map(found -> new Checked(title, place, found));
    }

    /** A few at a time, in the order of the configuration. */
    private static <T> Future<List<Checked>> each(List<T> all, Function<T, Future<Checked>> check) {
        var found = new Checked[all.size()];
        var next = new AtomicInteger();
        var lanes = new ArrayList<Future<Void>>();
        for (int lane = 0; lane < Math.min(AT_ONCE, all.size()); lane++) {
            lanes.add(checkOn(all, check, next, found));
        }
        return Future.all(lanes).map(done -> List.of(found));
    }

    private static <T> Future<Void> checkOn(
            List<T> all, Function<T, Future<Checked>> check, AtomicInteger next, Checked[] found) {
        int at = next.getAndIncrement();
        if (at >= found.length) {
            return Future.succeededFuture();
        }
        return check.apply(all.get(at))
                .onSuccess(one -> found[at] = one)
                .compose(done -> checkOn(all, check, next, found));
    }

    private static void tell(PrintWriter out, Checked checked) {
        out.println(checked.title());
        for (var finding : checked.findings()) {
            out.println("  %-8s %s: %s".formatted(word(finding), finding.subject(), finding.message()));
            if (!finding.remedy().isEmpty()) {
                out.println("           remedy: " + finding.remedy());
            }
        }
    }

    private static JsonObject asJson(All all) {
        return new JsonObject()
                .put("ok", all.isGood())
                .put("servers", asJson(all.servers()))
                .put("targets", asJson(all.targets()));
    }

    private static JsonArray asJson(List<Checked> checked) {
        var array = new JsonArray();
        for (var one : checked) {
            var findings = new JsonArray();
            one.findings()
                    .forEach(finding -> findings.add(new JsonObject()
                            .put("level", word(finding))
                            .put("subject", finding.subject())
                            .put("message", finding.message())
                            .put("remedy", finding.remedy())));
            array.add(one.place().copy().put("ok", one.isGood()).put("findings", findings));
        }
        return array;
    }

    private static String word(Finding finding) {
        return finding.level().name().toLowerCase(Locale.ROOT);
    }
}
