package org.pganalytics.identity.ldap;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.cluster.Leadership;
import org.pganalytics.identity.OutsidePasswords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of a configuration, for those who sign in and for the sync. */
public final class Ldap {
    private static final Logger LOG = LoggerFactory.getLogger(Ldap.class);

    private final Vertx vertx;
    private final LdapConfig config;
    private final Directory directory;
    private final DirectoryPeople people;
    private final LdapMeters meters;

    /** @param config one that has a directory; its file of authorities is read: blocking */
    public Ldap(Vertx vertx, Pool pool, LdapConfig config, AuditTrail audit, MeterRegistry meters) {
        this.vertx = vertx;
        this.config = config;
        this.directory = new Directory(config);
        this.people = new DirectoryPeople(pool, audit);
        this.meters = new LdapMeters(meters);
    }

    public OutsidePasswords passwords() {
        if (config.isBare()) {
            LOG.warn("identity.ldap.insecure: passwords travel to {} without TLS", config.urls());
        }
        return new LdapSignIn(vertx, directory, people, meters);
    }

    public LdapSync sync() {
        return new LdapSync(config, directory, people, vertx.createSharedWorkerExecutor("pganalytics-ldap-sync", 1));
    }

    /** @param leadership of all servers in this */
    public LdapSyncVerticle syncing(Leadership leadership, Clock clock) {
        return new LdapSyncVerticle(leadership, sync(), config.syncEvery(), clock, meters);
    }
}
