package org.pganalytics.collector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.collector.Waiting.on;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.CollectorConfigFile;
import org.pganalytics.fault.Fault;
import org.pganalytics.tls.Authority;
import org.pganalytics.tls.AuthorityConfig;
import org.pganalytics.tls.NewAuthority;
import org.pganalytics.tls.TestCertificate;

/** What an agent makes of the answers of servers that certify, well or badly. */
class CertificateKeeperTest {
    private static final UUID COLLECTOR = UUID.randomUUID();

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final MemoryCredentials credentials = new MemoryCredentials();
    private final AtomicInteger asked = new AtomicInteger();
    private Authority authority;
    private TestCertificate pair;
    private HttpServer server;
    /** What becomes of a good answer. */
    private volatile UnaryOperator<JsonObject> bend = UnaryOperator.identity();
    /** Asked before that; 200: certifies. */
    private volatile int status = 200;

    @BeforeEach
    void open() throws Exception {
        var certificate = folder.resolve("ca.crt");
        var key = folder.resolve("ca.key");
        NewAuthority.write(certificate, key, "ours", Duration.ofDays(10), Clock.systemUTC());
        authority = Authority.load(new AuthorityConfig(certificate, key, Duration.ofDays(1)), Clock.systemUTC());
        pair = TestCertificate.make(folder, "EC", "-1d");
        credentials.grant = Optional.of(new Grant(COLLECTOR, "token", "secret", System.currentTimeMillis(), 3_600_000));
        server = serve(this::answer);
    }

    private HttpServer serve(Handler<HttpServerRequest> answer) {
        var options = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(pair.certificate().toString())
                        .addKeyPath(pair.key().toString()));
        return on(vertx.createHttpServer(options).requestHandler(answer).listen(0, "127.0.0.1"));
    }

    @AfterEach
    void close() {
        on(vertx.close());
    }

    private void answer(HttpServerRequest request) {
        asked.incrementAndGet();
        request.body().onSuccess(body -> {
            if (status != 200) {
                request.response().setStatusCode(status).end();
                return;
            }
            var issued = authority.certify(body.toJsonObject().getString("request"), COLLECTOR, "test");
            var good = new JsonObject()
                    .put("certificate", issued.pem())
                    .put("expires_in", issued.lifetime().toSeconds());
            request.response().end(bend.apply(good).toBuffer());
        });
    }

    private CollectorConfig config(Integer... ports) {
        var servers = List.of(ports).stream()
                .map(port -> "{ host = \"127.0.0.1\", tcp-port = 0, http-port = %d, tls = true, certificates = \"%s\" }"
                        .formatted(port, pair.certificate()))
                .toList();
        return CollectorConfigFile.of("name = test, state.dir = \"%s\", servers = [%s], targets = []"
                .formatted(folder, String.join(",", servers)));
    }

    private ServerClients clients() {
        return new ServerClients(vertx, Duration.ofSeconds(5));
    }

    private CertificateKeeper keeper() {
        return on(
                CertificateKeeper.open(vertx, config(server.actualPort()), credentials, clients(), Clock.systemUTC()));
    }

    private Path file() {
        return folder.resolve("certificate.json");
    }

    @Test
    void whatIsGoodIsKeptAndShown() {
        assertTrue(on(keeper().certify()));
        assertTrue(Files.exists(file()));
        assertTrue(on(CertificateKeeper.kept(vertx, config(server.actualPort()), Clock.systemUTC()))
                .isPresent());
    }

    @Test
    void oneThatIsAsGoodAsOverIsNotTakenAndNotAskedForWithEachLook() throws Exception {
        bend = good -> good.put("expires_in", 0);
        var keeper = keeper();
        assertFalse(on(keeper.certify()));
        assertFalse(Files.exists(file()));
        keeper.start();
        Thread.sleep(2_200);
        keeper.stop();
        assertTrue(asked.get() <= 2, "asked %d times".formatted(asked.get()));
    }

    @Test
    void oneForAnotherKeyOrThatIsDamagedIsNotTaken() throws Exception {
        var others = Files.readString(pair.certificate());
        for (var odd : List.of(others, "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")) {
            bend = good -> good.put("certificate", odd);
            assertFalse(on(keeper().certify()), odd);
            assertFalse(Files.exists(file()), odd);
        }
    }

    /** Such as a disk or a hand did it: another one can be had, and nothing else may come of it. */
    @Test
    void aDamagedOneIsNotShownAndReplaced() throws Exception {
        on(keeper().certify());
        var good = new JsonObject(Files.readString(file()));
        var damaged =
                good.copy().put("certificate", good.getString("certificate").replace("MII", "???"));
        Files.writeString(file(), damaged.encode());
        var keeper = keeper();
        assertTrue(on(keeper.certify()));
        assertEquals(
                good.getString("collector_id"), new JsonObject(Files.readString(file())).getString("collector_id"));
        assertFalse(Files.readString(file()).contains("???"));
    }

    /** What one server refuses the next one may take. */
    @Test
    void oneThatWasRefusedIsShownUntilThereIsAnother() {
        var keeper = keeper();
        on(keeper.certify());
        assertTrue(keeper.isShown());
        status = 503;
        assertFalse(on(keeper.certify()));
        assertTrue(keeper.isShown(), "no other one was to be had");
        status = 404;
        assertFalse(on(keeper.certify()));
        assertFalse(keeper.isShown(), "no server certifies any longer: none is better than one that is refused");
    }

    @Test
    void oneServerThatIsBusyOutweighsOthersThatCertifyNobody() {
        status = 404;
        var busy = serve(request -> request.response()
                .setStatusCode(429)
                .putHeader("Retry-After", "400")
                .end());
        for (var ports : List.of(
                List.of(server.actualPort(), busy.actualPort()), List.of(busy.actualPort(), server.actualPort()))) {
            var office =
                    new CertificateOffice(vertx, config(ports.toArray(Integer[]::new)), clients(), Clock.systemUTC());
            var failure = failureOf(office);
            assertEquals(Fault.RATE_LIMITED, Fault.of(failure));
            var wait = office.comeAgainAfter(failure);
            assertTrue(wait.toSeconds() >= 400 && wait.toSeconds() <= 500, wait::toString);
        }
    }

    @Test
    void pausesGrowUntilOneWasHad() {
        status = 503;
        var office = new CertificateOffice(vertx, config(server.actualPort()), clients(), Clock.systemUTC());
        var failure = failureOf(office);
        var first = office.comeAgainAfter(failure);
        assertTrue(first.toSeconds() >= 5 && first.toSeconds() <= 10, first::toString);
        for (int more = 0; more < 8; more++) {
            office.comeAgainAfter(failure);
        }
        assertTrue(office.comeAgainAfter(failure).toSeconds() >= 150);
        office.obtained();
        assertTrue(office.comeAgainAfter(failure).toSeconds() <= 10);
    }

    private Throwable failureOf(CertificateOffice office) {
        return on(office.ask(credentials.grant.orElseThrow())
                .map(odd -> (Throwable) new AssertionError("it got one"))
                .recover(Future::succeededFuture));
    }

    @Test
    void aCheckNamesADamagedCertificateAndLooksAtTheRest() throws Exception {
        Files.writeString(file(), "{\"certifica");
        status = 404;
        var config = config(server.actualPort());
        var findings = on(new ServerCheck(vertx, config, config.servers().get(0)).run());
        var subjects = findings.stream().map(Finding::subject).toList();
        assertEquals(List.of("certificate", "registration", "http"), subjects);
        assertTrue(findings.get(0).toString().contains("certificate.json"), findings::toString);
    }
}
