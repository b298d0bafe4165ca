package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Scope;
import org.pganalytics.model.MetricFamily.Source;

/**
 * Looks whether a target can be collected from, without collecting anything: nothing but settings is read, and each
 * family's statement is explained. Used once, on one event loop.
 */
public final class TargetCheck {
    private static final int OLDEST = 14;
    private static final int NEWEST = 18;
    private static final int DATABASES_MAX = 200;
    private static final String FACTS = """
            SELECT current_setting('server_version')::text AS version,
                   current_setting('is_superuser') = 'on' AS is_superuser,
                   pg_has_role(current_user, 'pg_monitor', 'usage') AS is_monitor,
                   (SELECT s.version FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid() AND s.ssl)::text AS tls,
                   inet_client_addr() = inet_server_addr() AS is_near,
                   current_setting('track_io_timing') = 'on' AS times_io,
                   current_setting('compute_query_id', true)::text AS compute_query_id,
                   (SELECT setting FROM pg_settings WHERE name = 'shared_preload_libraries')::text AS preloaded
            """;

    private final TargetConfig target;
    private final List<MetricFamily> families;
    private final ConnectionLanes lanes;
    private final Remedies remedies;
    private final List<Finding> findings = new ArrayList<>();

    /** @param connectTimeout longest a connection may take to open */
    public TargetCheck(Vertx vertx, TargetConfig target, List<MetricFamily> families, Duration connectTimeout) {
        this.target = target;
        this.families =
                families.stream().filter(family -> isRead(target, family)).toList();
        this.lanes = new ConnectionLanes(vertx, TargetOptions.reading(target), target, connectTimeout);
        this.remedies = new Remedies(target);
    }

    private static boolean isRead(TargetConfig target, MetricFamily family) {
        return family.reading().source() == Source.SQL && !target.skip().contains(family.name());
    }

    /** Never fails: what goes wrong is a finding. */
    public Future<List<Finding>> run() {
        return lanes.use(target.database(), this::main)
                .compose(main -> elsewhere())
                .recover(failure -> unreachable(target.database(), failure))
                .eventually(lanes::close)
                .map(done -> List.copyOf(findings));
    }

    private Future<Void> unreachable(String database, Throwable failure) {
        findings.add(Finding.problem(
                database.equals(target.database()) ? "reachable" : "database " + database,
                FailureText.of(failure),
                remedies.connecting(failure, database)));
        return Future.succeededFuture();
    }

    private Future<Void> main(TargetSession session) {
        return session.query(FACTS, Tuple.tuple())
                .map(rows -> rows.iterator().next())
                .onSuccess(facts -> {
                    reached(session, facts);
                    privileges(facts);
                    statements(session, facts);
                })
                .compose(facts -> explain(session, Scope.CLUSTER, target.database()));
    }

    private void reached(TargetSession session, Row facts) {
        var tls = facts.getString("tls");
        findings.add(Finding.good(
                "reachable",
                "PostgreSQL %s, %s".formatted(facts.getString("version"), tls == null ? "without TLS" : tls)));
        if (tls == null
                && !Boolean.TRUE.equals(facts.getBoolean("is_near"))
                && !target.tls().isOff()) {
            findings.add(Finding.warning(
                    "TLS",
                    "what is read crosses the network in the clear",
                    "ssl = on there, sslmode = verify-full here"));
        }
        version(session.major());
    }

    private void version(int major) {
        var remedy = "update the server, or the agent and its families";
        if (families.stream().allMatch(family -> family.statementFor(major).isEmpty())) {
            findings.add(
                    Finding.problem("version", "no family has anything for PostgreSQL %d".formatted(major), remedy));
        } else if (major < OLDEST || major > NEWEST) {
            findings.add(Finding.warning(
                    "version", "families are declared for PostgreSQL %d to %d".formatted(OLDEST, NEWEST), remedy));
        }
    }

    private void privileges(Row facts) {
        if (Boolean.TRUE.equals(facts.getBoolean("is_superuser"))) {
            findings.add(Finding.warning(
                    "privileges",
                    target.user() + " is a superuser",
                    "watch as a role that has pg_monitor and no more"));
        } else if (Boolean.TRUE.equals(facts.getBoolean("is_monitor"))) {
            findings.add(Finding.good("privileges", target.user() + " has pg_monitor"));
        } else {
            findings.add(Finding.problem(
                    "privileges",
                    target.user() + " has not pg_monitor: what others do is hidden from it",
                    remedies.monitor()));
        }
    }

    private void statements(TargetSession session, Row facts) {
        var loaded = facts.getString("preloaded") == null ? "" : facts.getString("preloaded");
        boolean seen = facts.getString("preloaded") != null;
        if (seen && !loaded.contains("pg_stat_statements")) {
            findings.add(Finding.warning(
                    "pg_stat_statements",
                    "the library is not loaded: no statement is counted",
                    remedies.preload(loaded)));
        } else if (session.has("pg_stat_statements") && "off".equals(facts.getString("compute_query_id"))) {
            findings.add(Finding.warning(
                    "pg_stat_statements",
                    "statements have no id, so none is sent",
                    "ALTER SYSTEM SET compute_query_id = auto, then SELECT pg_reload_conf()"));
        }
        if (!Boolean.TRUE.equals(facts.getBoolean("times_io"))) {
            findings.add(Finding.warning(
                    "track_io_timing",
                    "the time of reads and writes is not measured",
                    "ALTER SYSTEM SET track_io_timing = on, then SELECT pg_reload_conf()"));
        }
    }

    private Future<Void> elsewhere() {
        return Databases.watched(lanes, target).compose(names -> {
            Future<Void> all = Future.succeededFuture();
            for (var name : names.subList(0, Math.min(names.size(), DATABASES_MAX))) {
                all = all.compose(before -> lanes.use(name, session -> explain(session, Scope.DATABASE, name))
                        .recover(failure -> unreachable(name, failure)));
            }
            return all;
        });
    }

    private Future<Void> explain(TargetSession session, Scope scope, String database) {
        Future<Void> all = Future.succeededFuture();
        for (var family : families) {
            if (family.scope() == scope) {
                all = all.compose(before -> explain(session, family, database));
            }
        }
        return all;
    }

    private Future<Void> explain(TargetSession session, MetricFamily family, String database) {
        var subject = family.scope() == Scope.CLUSTER ? family.name() : family.name() + " in " + database;
        var statement = family.statementFor(session.major());
        if (statement.isEmpty()) {
            findings.add(Finding.good(subject, "has nothing for PostgreSQL %d".formatted(session.major())));
            return Future.succeededFuture();
        }
        var extension = statement.get().extension();
        if (!session.has(extension)) {
            findings.add(Finding.warning(
                    subject,
                    "the extension %s is not there".formatted(extension),
                    remedies.extension(extension, database)));
            return Future.succeededFuture();
        }
        var parameters =
                family.kind() == Kind.DICTIONARY ? Tuple.tuple().addArrayOfLong(new Long[] {0L}) : Tuple.tuple();
        return session.read("EXPLAIN " + statement.get().sql(), parameters, plan -> {})
                .onSuccess(explained -> findings.add(Finding.good(subject, "can be read")))
                .recover(failure -> {
                    findings.add(unreadable(subject, failure));
                    return Future.succeededFuture();
                });
    }

    /** Whom one family is closed to sees the others; what else goes wrong with its statement is no matter of rights. */
    private Finding unreadable(String subject, Throwable failure) {
        var why = FailureText.of(failure);
        var remedy = remedies.reading(failure);
        return Remedies.isDenied(failure)
                ? Finding.warning(subject, why, remedy)
                : Finding.problem(subject, why, remedy);
    }
}
