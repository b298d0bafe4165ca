package org.pganalytics.collector;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;

/** How a target is connected to: what it is told at the start of a session holds for all that the session does. */
final class TargetOptions {
    private static final int SQL_CHARACTERS_MAX = 1 << 16;

    private TargetOptions() {}

    /** Read-only, with its time limits, and nobody's function taken for a built-in one, from the first statement on. */
    static PgConnectOptions reading(TargetConfig target) {
        var statementMillis = Long.toString(target.statementTimeout().toMillis());
        return to(target)
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheSqlFilter(sql -> sql.length() <= SQL_CHARACTERS_MAX)
                .setPreparedStatementCacheSqlLimit(SQL_CHARACTERS_MAX)
                .addProperty("application_name", "pganalytics collector")
                .addProperty("default_transaction_read_only", "on")
                .addProperty("statement_timeout", statementMillis)
                .addProperty("lock_timeout", Long.toString(target.lockTimeout().toMillis()))
                // An agent that is stopped in mid-read must not hold back the target's vacuum.
                .addProperty("idle_in_transaction_session_timeout", statementMillis)
                .addProperty("search_path", "pg_catalog");
    }

    /** Where it is, who asks, and how it is encrypted. */
    static PgConnectOptions to(TargetConfig target) {
        var options = new PgConnectOptions()
                .setHost(target.host())
                .setPort(target.port())
                .setUser(target.user())
                .setPassword(target.password())
                .setSslMode(SslMode.of(target.tls().sslmode()));
        return target.tls().isOff() ? options : options.setSslOptions(tls(target.tls()));
    }

    private static ClientSSLOptions tls(TargetTlsConfig tls) {
        var options = new ClientSSLOptions();
        options.setHostnameVerificationAlgorithm(tls.verifiesHost() ? "HTTPS" : "");
        if (!tls.verifies()) {
            options.setTrustAll(true);
        } else if (!tls.certificates().isEmpty()) {
            options.setTrustOptions(new PemTrustOptions().addCertPath(tls.certificates()));
        }
        if (!tls.clientCertificate().isEmpty()) {
            options.setKeyCertOptions(
                    new PemKeyCertOptions().addCertPath(tls.clientCertificate()).addKeyPath(tls.clientKey()));
        }
        return options;
    }
}
