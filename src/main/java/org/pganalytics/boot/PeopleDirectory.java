package org.pganalytics.boot;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.identity.OutsidePasswords;
import org.pganalytics.identity.ldap.Ldap;

/** The directory that knows people, where there is one. */
final class PeopleDirectory {
    private final ServerConfig config;
    private final Foundation foundation;
    private final AuditTrail audit;
    private final Clock clock;
    private volatile Optional<Ldap> ldap = Optional.empty();

    PeopleDirectory(ServerConfig config, Foundation foundation, AuditTrail audit, Clock clock) {
        this.config = config;
        this.foundation = foundation;
        this.audit = audit;
        this.clock = clock;
    }

    /** From now on this server syncs when it leads. @param deploy ends what it deploys with the server */
    Future<Void> open(Function<VerticleBase, Future<String>> deploy) {
        if (!config.ldap().isConfigured()) {
            return Future.succeededFuture();
        }
        var database = foundation.database();
        return foundation
                .vertx()
                .executeBlocking(() ->
                        new Ldap(foundation.vertx(), database.controlPool(), config.ldap(), audit, foundation.meters()))
                .onSuccess(made -> ldap = Optional.of(made))
                .compose(made -> deploy.apply(made.syncing(foundation.leadership("people"), clock)))
                .mapEmpty();
    }

    OutsidePasswords passwords() {
        return ldap.map(Ldap::passwords).orElse(OutsidePasswords.NONE);
    }
}
