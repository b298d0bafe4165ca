package org.pganalytics.tls;

import io.vertx.core.net.KeyCertOptions;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority in memory and certificates of clients by it, good and bad; not made by the code under test. */
public final class TestClients {
    private static final AtomicLong SERIALS = new AtomicLong(1);

    private final X509Certificate authority;
    private final KeyPair keys;

    private TestClients(X509Certificate authority, KeyPair keys) {
        this.authority = authority;
        this.keys = keys;
    }

    /** How a certificate differs from a good one. */
    public record Wish(String subject, String uri, String dns, Duration from, Duration until, KeyPurposeId purpose) {
        public static Wish of(String uri) {
            return new Wish(
                    "CN=x", uri, null, Duration.ofMinutes(-5), Duration.ofHours(1), KeyPurposeId.id_kp_clientAuth);
        }

        public Wish named(String otherSubject, String otherDns) {
            return new Wish(otherSubject, uri, otherDns, from, until, purpose);
        }

        public Wish between(Duration begin, Duration end) {
            return new Wish(subject, uri, dns, begin, end, purpose);
        }

        public Wish purpose(KeyPurposeId other) {
            return new Wish(subject, uri, dns, from, until, other);
        }
    }

    /** A certificate and its key. */
    public record Client(X509Certificate certificate, X509Certificate issuer, KeyPair keys) {
        /** Shown whatever authorities the server asks for, as others than Java do it. */
        public KeyCertOptions shown() {
            return KeyCertOptions.wrap(new AlwaysShown(this));
        }
    }

    public static TestClients make(String name) throws Exception {
        var keys = keys();
        var subject = new X500Name("CN=" + name);
        var builder = new JcaX509v3CertificateBuilder(
                        subject,
                        serial(),
                        date(Duration.ofDays(-1)),
                        date(Duration.ofDays(9)),
                        subject,
                        keys.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        return new TestClients(sign(builder, keys), keys);
    }

    public Path write(Path file) throws Exception {
        return Files.writeString(file, Pem.text("CERTIFICATE", authority.getEncoded()));
    }

    /** As tls.ca has them. @param behind trusted besides, in this order */
    void keep(Path certificate, Path key, TestClients... behind) throws Exception {
        var pem = new StringBuilder(Pem.text("CERTIFICATE", authority.getEncoded()));
        for (var each : behind) {
            pem.append(Pem.text("CERTIFICATE", each.certificate().getEncoded()));
        }
        Files.writeString(certificate, pem);
        Files.writeString(key, Pem.text("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    X509Certificate certificate() {
        return authority;
    }

    public Client certify(Wish wish) throws Exception {
        var own = keys();
        var builder = new JcaX509v3CertificateBuilder(
                authority,
                serial(),
                date(wish.from()),
                date(wish.until()),
                new X500Name(wish.subject()),
                own.getPublic());
        if (wish.purpose() != null) {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wish.purpose()));
        }
        if (wish.uri() != null || wish.dns() != null) {
            var name = wish.uri() != null
                    ? new GeneralName(GeneralName.uniformResourceIdentifier, wish.uri())
                    : new GeneralName(GeneralName.dNSName, wish.dns());
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name));
        }
        return new Client(sign(builder, keys), authority, own);
    }

    private static KeyPair keys() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static BigInteger serial() {
        return BigInteger.valueOf(SERIALS.getAndIncrement());
    }

    private static Date date(Duration fromNow) {
        return Date.from(Instant.now().plus(fromNow));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair by) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    }

    private static final class AlwaysShown extends X509ExtendedKeyManager {
        private final Client client;

        AlwaysShown(Client client) {
            this.client = client;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return "it";
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return "it";
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {"it"};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {client.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return client.keys().getPrivate();
        }
    }
}
