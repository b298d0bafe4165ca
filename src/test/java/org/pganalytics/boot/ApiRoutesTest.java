package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pganalytics.admission.Admission;
import org.pganalytics.admission.RegistrationRoutes;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.database.Database;
import org.pganalytics.database.DatabaseAddress;
import org.pganalytics.http.Contract;
import org.pganalytics.identity.OutsidePasswords;
import org.pganalytics.ingest.ConnectionSlots;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.TestHouse;
import org.pganalytics.ingest.http.CertificateRoutes;
import org.pganalytics.ingest.http.ClientAddress;
import org.pganalytics.ingest.http.HttpDoor;
import org.pganalytics.ingest.v3.V3Routes;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;

/** The HTTP listener has the addresses of docs/openapi.yaml, all of them, and no others. */
class ApiRoutesTest {
    private static final String NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing";

    @Test
    void theContractIsWhatIsMounted() throws Exception {
        var contract = Contract.ofClassPath();
        var declared = new TreeSet<String>();
        contract.operations().forEach(operation -> declared.add(operation.method() + " " + operation.route()));

        var mounted = new TreeSet<String>();
        mounted(contract).getRoutes().stream()
                .filter(route -> route.getPath() != null)
                .forEach(route -> route.methods().forEach(method -> mounted.add(method + " " + route.getPath())));

        assertEquals(declared, mounted, "docs/openapi.yaml first, then the routes; x-door: true for those of a door");
    }

    private static Router mounted(Contract contract) throws Exception {
        var config =
                ServerConfigFile.load(null, Map.of("PGANALYTICS_DATABASE_URL", NOWHERE, "PGANALYTICS_HTTP_PORT", "0"));
        var found = new AtomicReference<Router>();
        try (var house = new TestHouse()) {
            var security = ListenerSecurity.load(config.httpTls(), Clock.systemUTC());
            var slots = new ConnectionSlots(
                    10, 10, Networks.of("x", List.of()), Networks.of("x", List.of()), "http", house.registry);
            var door = HttpDoor.Shared.of(
                    config.http(), house.corridor, house.lobby, house.entrance(slots, security), house.v3());
            var addresses = new ClientAddress(security, ProxyConfig.off());
            var registration = new RegistrationRoutes(
                    house.doorkeeper, house.bus, addresses::of, config.http().bodyTime(), Clock.systemUTC());
            var v3 = new V3Routes(null, null, null, null);
            var certificates = new CertificateRoutes(null, null, addresses, null);
            var api = api(contract, house).routes(addresses);
            List<Consumer<Router>> routes =
                    List.of(registration::mount, certificates::mount, v3::mount, api::mount, found::set);
            TestHouse.await(house.vertx.deployVerticle(new HttpDoor(door, security, addresses, routes, port -> {})));
        }
        return found.get();
    }

    /** Its database is never asked. */
    private static Api api(Contract contract, TestHouse house) {
        var config =
                ServerConfigFile.load(null, Map.of("PGANALYTICS_DATABASE_URL", NOWHERE, "PGANALYTICS_HTTP_PORT", "0"));
        Vertx vertx = house.vertx;
        var database = new Database(vertx, DatabaseAddress.parse(NOWHERE), config.database(), house.registry);
        var surroundings = new Admission.Surroundings(
                vertx, database.controlPool(), house.bus, new AuditTrail(), Optional.empty(), house.registry);
        var admission = new Admission(
                surroundings, config.admission(), config.v3Tokens(), Clock.systemUTC(), new SecureRandom());
        return new Api(
                contract,
                config,
                new Api.Behind(
                        vertx,
                        database,
                        null,
                        null,
                        admission,
                        new AuditTrail(),
                        Optional.empty(),
                        OutsidePasswords.NONE,
                        house.bus,
                        Future::succeededFuture,
                        collectors -> Future.succeededFuture(Map.of()),
                        house.registry),
                Clock.systemUTC());
    }
}
