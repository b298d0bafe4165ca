package org.pganalytics.ingest.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.pganalytics.ingest.TestHouse.await;
import static org.pganalytics.ingest.TestHouse.eventually;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.ingest.IngestConfig;
import org.pganalytics.ingest.ProxyConfig;
import org.pganalytics.ingest.ProxyHeaders;
import org.pganalytics.tls.TestCertificate;
import org.pganalytics.tls.TlsConfig;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.Preface;

/** Balancers before the TCP door: 127.0.0.9 is one, other addresses are not. */
class TcpProxyTest {
    private static final String BALANCER = "127.0.0.9";

    private final UUID collector = UUID.randomUUID();

    @TempDir
    Path folder;

    private static TcpFixture behindBalancer(TcpConfig config, TlsConfig tls) throws Exception {
        var proxies = new ProxyConfig(List.of(BALANCER), false, Duration.ofMillis(500));
        return new TcpFixture(config, IngestConfig.standard(), tls, proxies);
    }

    private static TcpFixture behindBalancer() throws Exception {
        return behindBalancer(TcpFixture.CONFIG, TlsConfig.off());
    }

    private static TcpConfig limitedTo(int connectionsAnAddress) {
        var config = TcpFixture.CONFIG;
        return new TcpConfig(
                config.host(),
                0,
                100,
                connectionsAnAddress,
                List.of(),
                config.handshakeTime(),
                config.idleTime(),
                16,
                4,
                8 << 10,
                config.drainTime());
    }

    private static NetClientOptions from(String address) {
        return new NetClientOptions().setLocalAddress(address);
    }

    private static String openedFrom(TcpFixture tcp) {
        eventually("a session is open", () -> !opened(tcp).isEmpty());
        return opened(tcp).get(0).address();
    }

    private static List<Event.SessionOpened> opened(TcpFixture tcp) {
        return tcp.house.events.stream()
                .filter(Event.SessionOpened.class::isInstance)
                .map(Event.SessionOpened.class::cast)
                .toList();
    }

    private static List<Event> strangers(TcpFixture tcp) {
        return tcp.house.events.stream()
                .filter(Event.StrangerRefused.class::isInstance)
                .toList();
    }

    private void welcomed(NativeClient client) throws Exception {
        client.write(Preface.ours().encode());
        client.hello(collector, collector);
        client.expect(Frame.Welcome.class);
    }

    private static void refused(TcpFixture tcp, NativeClient client, String address, Fault fault) throws Exception {
        client.expectClosed();
        assertEquals(0, client.prefaceAnswer().length());
        eventually("it is counted", () -> strangers(tcp).equals(List.of(new Event.StrangerRefused(address, fault))));
        eventually("its place is free", () -> tcp.slots.used() == 0);
    }

    /** Whom a session is of that begins with this, from a balancer. */
    private String seenAs(Buffer header) throws Exception {
        try (var tcp = behindBalancer()) {
            var client = tcp.connect(from(BALANCER));
            client.write(header);
            welcomed(client);
            return openedFrom(tcp);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8:0:0:0:0:0:7"})
    void aSessionComesFromWhomTheBalancerNames(String address) throws Exception {
        assertEquals(address, seenAs(ProxyHeaders.of(address)));
    }

    /** And one address is one, however the balancer writes it. */
    @Test
    void anIpv4AddressWithinIpv6IsAnIpv4Address() throws Exception {
        assertEquals("192.0.2.7", seenAs(ProxyHeaders.mapped("192.0.2.7")));
    }

    static Stream<Buffer> headersThatNameNobody() {
        return Stream.of(
                ProxyHeaders.raw(0x20, 0x00, 0),
                ProxyHeaders.raw(0x20, 0x11, 12),
                ProxyHeaders.raw(0x21, 0x00, 0),
                ProxyHeaders.raw(0x21, 0x00, 300),
                ProxyHeaders.raw(0x21, 0x31, 216));
    }

    /** LOCAL is what a balancer's own health check says. */
    @ParameterizedTest
    @MethodSource("headersThatNameNobody")
    void aConnectionOfNobodyIsTheBalancersOwn(Buffer header) throws Exception {
        assertEquals(BALANCER, seenAs(header));
    }

    @Test
    void whatABalancerAddsToTheAddressesIsPassedOver() throws Exception {
        assertEquals("0.0.0.0", seenAs(ProxyHeaders.raw(0x21, 0x11, 4_080)));
    }

    @Test
    void aHeaderMayComeByteByByteAndTogetherWithWhatFollows() throws Exception {
        try (var tcp = behindBalancer()) {
            var client = tcp.connect(from(BALANCER).setTcpNoDelay(true));
            var header = ProxyHeaders.of("192.0.2.7");
            for (int index = 0; index < header.length() - 1; index++) {
                await(client.socket.write(header.slice(index, index + 1)));
            }
            client.write(header.slice(header.length() - 1, header.length())
                    .copy()
                    .appendBuffer(Preface.ours().encode()));
            client.hello(collector, collector);
            client.expect(Frame.Welcome.class);
            assertEquals("192.0.2.7", openedFrom(tcp));
        }
    }

    static Stream<Buffer> brokenHeaders() {
        return Stream.of(
                Buffer.buffer("PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n"),
                Preface.ours().encode(),
                Buffer.buffer("\r\n\r\n\0\r\nQUIX\n"),
                ProxyHeaders.raw(0x11, 0x11, 12),
                ProxyHeaders.raw(0x22, 0x11, 12),
                ProxyHeaders.raw(0x21, 0x12, 12),
                ProxyHeaders.raw(0x21, 0x41, 12),
                ProxyHeaders.raw(0x21, 0x11, 11),
                ProxyHeaders.raw(0x21, 0x21, 35),
                ProxyHeaders.raw(0x21, 0x31, 215),
                ProxyHeaders.raw(0x21, 0x11, 4_081),
                ProxyHeaders.raw(0x21, 0x11, 0xFFFF));
    }

    @ParameterizedTest
    @MethodSource("brokenHeaders")
    void aBalancerThatSendsNoneOrABrokenOneIsRefused(Buffer header) throws Exception {
        try (var tcp = behindBalancer()) {
            var client = tcp.connect(from(BALANCER));
            client.write(header);
            refused(tcp, client, BALANCER, Fault.BAD_FRAME);
        }
    }

    @Test
    void aHeaderThatDoesNotEndInTimeIsNotWaitedForHoweverItDrips() throws Exception {
        try (var tcp = behindBalancer()) {
            var client = tcp.connect(from(BALANCER));
            var header = ProxyHeaders.of("192.0.2.7");
            for (int index = 0; index < header.length() - 1 && !client.closed.isDone(); index++) {
                client.write(header.slice(index, index + 1));
                Thread.sleep(40);
            }
            refused(tcp, client, BALANCER, Fault.HANDSHAKE_TIMEOUT);
        }
    }

    @Test
    void nobodyElseMayNameAnAddress() throws Exception {
        try (var tcp = behindBalancer()) {
            var client = tcp.connect(from("127.0.0.2"));
            client.write(ProxyHeaders.of("192.0.2.7"));
            refused(tcp, client, "127.0.0.2", Fault.FORBIDDEN);
        }
    }

    @Test
    void withoutBalancersAHeaderIsRefused() throws Exception {
        try (var tcp = new TcpFixture(TcpFixture.CONFIG)) {
            var client = tcp.connect(from(BALANCER));
            client.write(ProxyHeaders.of("192.0.2.7"));
            refused(tcp, client, BALANCER, Fault.BAD_FRAME);
        }
    }

    @Test
    void whoeverComesPastTheBalancerNeedsNoHeader() throws Exception {
        try (var tcp = behindBalancer()) {
            welcomed(tcp.connect(from("127.0.0.2")));
            assertEquals("127.0.0.2", openedFrom(tcp));
        }
    }

    @Test
    void theLimitPerAddressCountsClientsAndNotTheirBalancer() throws Exception {
        try (var tcp = behindBalancer(limitedTo(2), TlsConfig.off())) {
            for (int client = 1; client <= 6; client++) {
                var connection = tcp.connect(from(BALANCER));
                connection.write(ProxyHeaders.of("192.0.2." + client / 2)
                        .appendBuffer(Preface.ours().encode()));
                eventually("let in", () -> connection.prefaceAnswer().length() == Preface.BYTES);
            }
            var tooMany = tcp.connect(from(BALANCER));
            tooMany.write(ProxyHeaders.of("192.0.2.1"));
            tooMany.expectClosed();
            eventually(
                    "refused by its own address",
                    () -> strangers(tcp)
                            .equals(List.of(new Event.StrangerRefused("192.0.2.1", Fault.TOO_MANY_CONNECTIONS))));
            eventually("its place is free", () -> tcp.slots.used() == 6);
        }
    }

    @Test
    void aPlaceOfAClientIsFreeOnceItHasLeft() throws Exception {
        try (var tcp = behindBalancer(limitedTo(1), TlsConfig.off())) {
            for (int time = 0; time < 3; time++) {
                var connection = tcp.connect(from(BALANCER));
                connection.write(
                        ProxyHeaders.of("192.0.2.7").appendBuffer(Preface.ours().encode()));
                eventually("let in", () -> connection.prefaceAnswer().length() == Preface.BYTES);
                await(connection.socket.close());
                eventually("its place is free", () -> tcp.slots.used() == 0);
            }
            assertTrue(strangers(tcp).isEmpty());
        }
    }

    /** TLS passes through the balancer: its header comes before the handshake, in the clear. */
    @Test
    void aHeaderComesBeforeTls() throws Exception {
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        try (var tcp = behindBalancer(TcpFixture.CONFIG, certificate.config("TLSv1.3"))) {
            var client = tcp.connect(from(BALANCER)
                    .setHostnameVerificationAlgorithm("")
                    .setTrustOptions(new PemTrustOptions()
                            .addCertPath(certificate.certificate().toString())));
            await(client.socket.write(ProxyHeaders.of("192.0.2.7")).compose(sent -> client.socket.upgradeToSsl()));
            welcomed(client);
            assertEquals("192.0.2.7", openedFrom(tcp));
        }
    }

    @Test
    void aHeaderOfNobodyElseComesBeforeTlsEither() throws Exception {
        var certificate = TestCertificate.make(folder, "EC", "-1d");
        try (var tcp = behindBalancer(TcpFixture.CONFIG, certificate.config("TLSv1.3"))) {
            var client = tcp.connect(from("127.0.0.2"));
            client.write(ProxyHeaders.of("192.0.2.7"));
            refused(tcp, client, "127.0.0.2", Fault.FORBIDDEN);
        }
    }
}
