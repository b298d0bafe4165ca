package org.pganalytics.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.pganalytics.admission.AdmissionConfig;
import org.pganalytics.admission.RegistrationConfig;
import org.pganalytics.admission.V3TokensConfig;
import org.pganalytics.alert.AlertConfig;
import org.pganalytics.audit.AuditConfig;
import org.pganalytics.cluster.ClusterConfig;
import org.pganalytics.cluster.RedisConfig;
import org.pganalytics.database.DatabaseConfig;
import org.pganalytics.fleet.FleetConfig;
import org.pganalytics.http.ApiConfig;
import org.pganalytics.identity.IdentityConfig;
import org.pganalytics.identity.federation.FederationConfig;
import org.pganalytics.identity.ldap.LdapConfig;
import org.pganalytics.identity.oidc.OidcConfig;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.http.HttpConfig;
import org.pganalytics.ingest.tcp.TcpConfig;
import org.pganalytics.ingest.v3.V3Config;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.ops.ManagementConfig;
import org.pganalytics.query.QueryConfig;
import org.pganalytics.secrets.SecretsConfig;
import org.pganalytics.storage.StorageConfig;
import org.pganalytics.storage.series.SeriesConfig;
import org.pganalytics.storage.tables.RollUpConfig;
import org.pganalytics.storage.tables.TablesConfig;
import org.pganalytics.tls.CertificatesConfig;
import org.pganalytics.tls.TlsConfig;

/**
 * Everything the server is told, checked. One component a section of {@code conf/pganalytics.conf}.
 *
 * @param dataDirectory holds ports.json and the embedded PostgreSQL
 * @param logLevel of our own loggers
 * @param eventLoops threads that serve connections, at least 1
 * @param shutdownWithin longest from SIGTERM to the end of the process
 * @param families the declarations in {@code families.dir}
 * @param settings every key with its value as it was said, secrets masked: what a reload compares
 */
public record ServerConfig(
        Path dataDirectory,
        LogLevel logLevel,
        int eventLoops,
        Duration shutdownWithin,
        RegistrationConfig registration,
        DatabaseConfig database,
        ClusterConfig cluster,
        RedisConfig redis,
        IngestConfig ingest,
        TcpConfig tcp,
        TlsConfig tcpTls,
        ProxyConfig tcpProxy,
        HttpConfig http,
        TlsConfig httpTls,
        ProxyConfig httpProxy,
        ApiConfig api,
        QueryConfig query,
        ManagementConfig management,
        TlsConfig managementTls,
        CertificatesConfig certificates,
        AdmissionConfig admission,
        V3TokensConfig v3Tokens,
        V3Config v3,
        StorageConfig storage,
        TablesConfig tables,
        SeriesConfig series,
        RollUpConfig rollUp,
        FleetConfig fleet,
        AuditConfig audit,
        SecretsConfig secrets,
        AlertConfig alert,
        IdentityConfig identity,
        LdapConfig ldap,
        FederationConfig federation,
        OidcConfig oidc,
        List<MetricFamily> families,
        Map<String, String> settings) {

    /** How much is logged. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    public ServerConfig {
        families = List.copyOf(families);
        settings = Map.copyOf(settings);
    }

    /** The same with another registration secret. */
    public ServerConfig with(RegistrationConfig otherRegistration) {
        return with(otherRegistration, new Live(logLevel, admission, series, rollUp, families, settings));
    }

    /** What may change while running. */
    record Live(
            LogLevel logLevel,
            AdmissionConfig admission,
            SeriesConfig series,
            RollUpConfig rollUp,
            List<MetricFamily> families,
            Map<String, String> settings) {}

    /** The same with what may change while running. */
    ServerConfig with(Live other) {
        return with(registration, other);
    }

    private ServerConfig with(RegistrationConfig otherRegistration, Live other) {
        return new ServerConfig(
                dataDirectory,
                other.logLevel(),
                eventLoops,
                shutdownWithin,
                otherRegistration,
                database,
                cluster,
                redis,
                ingest,
                tcp,
                tcpTls,
                tcpProxy,
                http,
                httpTls,
                httpProxy,
                api,
                query,
                management,
                managementTls,
                certificates,
                other.admission(),
                v3Tokens,
                v3,
                storage,
                tables,
                other.series(),
                other.rollUp(),
                fleet,
                audit,
                secrets,
                alert,
                identity,
                ldap,
                federation,
                oidc,
                other.families(),
                other.settings());
    }
}
