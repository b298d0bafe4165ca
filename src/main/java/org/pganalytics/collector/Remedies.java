package org.pganalytics.collector;

import io.vertx.pgclient.PgException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a person does about a refusal of a target: the statement itself, wherever there is one. */
final class Remedies {
    private static final Pattern DENIED = Pattern.compile(
            "permission denied for (function|view|table|foreign table|materialized view|schema) (\\S+)");
    /** Views of PostgreSQL that pg_monitor may not read, each of a function called like it that it may not run. */
    private static final Set<String> OF_FUNCTIONS = Set.of("pg_hba_file_rules", "pg_ident_file_mappings");

    private final TargetConfig target;
    private final String user;

    Remedies(TargetConfig target) {
        this.target = target;
        this.user = identifier(target.user());
    }

    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** For a connection that did not come about. */
    String connecting(Throwable failure, String database) {
        return switch (sqlState(failure)) {
            case "28P01" -> "set the right password, or as a superuser: ALTER ROLE %s PASSWORD '…'".formatted(user);
            case "28000" ->
                ("create the role: CREATE ROLE %s LOGIN PASSWORD '…' IN ROLE pg_monitor; or let it in: a line"
                                + " \"host all %s <this machine's address>/32 scram-sha-256\" in pg_hba.conf (hostssl with"
                                + " TLS), then SELECT pg_reload_conf()")
                        .formatted(user, user);
            case "3D000" -> "name an existing database in the target's database or databases";
            case "42501" -> "GRANT CONNECT ON DATABASE %s TO %s".formatted(identifier(database), user);
            case "53300" -> "end idle sessions or raise max_connections (needs a restart)";
            case "57P03" -> "wait until the server has started";
            default -> network(FailureText.of(failure));
        };
    }

    /** For a PgBouncer's console that cannot be had. */
    String bouncing(Throwable failure) {
        return switch (sqlState(failure)) {
            case "28P01", "08P01" -> "give %s the right password, and a line in pgbouncer's auth_file".formatted(user);
            case "53300" -> "raise max_client_conn in pgbouncer.ini";
            default -> network(FailureText.of(failure));
        };
    }

    private String network(String said) {
        if (said.contains("SSL") || said.contains("certif")) {
            return ("let the server speak TLS (ssl = on) with a certificate for %s by the authority that certificates"
                            + " names, or choose another sslmode")
                    .formatted(target.host());
        }
        return "start the server, mend host and port, or open the way: listen_addresses, firewall";
    }

    /** For a statement that was refused. */
    String reading(Throwable failure) {
        var said = String.valueOf(failure.getMessage());
        var denied = DENIED.matcher(said);
        if (denied.find()) {
            return grant(denied);
        }
        return switch (sqlState(failure)) {
            case "42501" -> "GRANT pg_monitor TO " + user;
            case "42P01", "42883", "42703" -> "leave the family out here: skip = [ … ]";
            case "57014" -> "raise statement-timeout, or leave the family out here: skip = [ … ]";
            case "55000" -> said.contains("shared_preload_libraries") ? preload("") : "what the message says";
            default -> "what the message says; or leave the family out here: skip = [ … ]";
        };
    }

    private String grant(Matcher denied) {
        var what = denied.group(2).replaceAll("\\(.*", "");
        return switch (denied.group(1)) {
            case "function" -> "GRANT EXECUTE ON FUNCTION %s TO %s".formatted(what, user);
            case "schema" -> "GRANT USAGE ON SCHEMA %s TO %s".formatted(what, user);
            default -> select(what);
        };
    }

    private String select(String what) {
        return OF_FUNCTIONS.contains(what)
                ? "GRANT SELECT ON %s TO %s; GRANT EXECUTE ON FUNCTION %s() TO %s; or leave it out: skip = [ … ]"
                        .formatted(what, user, what, user)
                : "GRANT SELECT ON %s TO %s; or GRANT pg_monitor TO %s".formatted(what, user, user);
    }

    String monitor() {
        return "GRANT pg_monitor TO " + user;
    }

    String extension(String name, String database) {
        return "in database %s: CREATE EXTENSION %s".formatted(identifier(database), identifier(name));
    }

    /** @param loaded what {@code shared_preload_libraries} holds now; empty when it cannot be seen or holds nothing */
    String preload(String loaded) {
        var all = loaded.isBlank() ? "pg_stat_statements" : loaded + ", pg_stat_statements";
        return "ALTER SYSTEM SET shared_preload_libraries = %s, then restart the server".formatted(all);
    }

    static boolean isDenied(Throwable failure) {
        return "42501".equals(sqlState(failure));
    }

    private static String sqlState(Throwable failure) {
        for (var at = failure; at != null; at = at.getCause()) {
            if (at instanceof PgException refused && refused.getSqlState() != null) {
                return refused.getSqlState();
            }
        }
        return "";
    }
}
