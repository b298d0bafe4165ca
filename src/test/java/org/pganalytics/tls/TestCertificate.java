package org.pganalytics.tls;

import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A self-signed certificate for localhost, not made by the code under test. */
public record TestCertificate(Path certificate, Path key) {
    private static final int DAYS = 5;

    /** @param startDate in days from now, such as {@code -10d}; it is valid for five days */
    public static TestCertificate make(Path folder, String algorithm, String startDate) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        if (!algorithm.equals("Ed25519")) {
            generator.initialize(algorithm.equals("RSA") ? 2_048 : 256);
        }
        var keys = generator.generateKeyPair();
        var from = Instant.now().plus(Integer.parseInt(startDate.replace("d", "")), ChronoUnit.DAYS);
        var name = new X500Name("CN=localhost");
        var serial = new BigInteger(64, new SecureRandom());
        var until = from.plus(DAYS, ChronoUnit.DAYS);
        var names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
        });
        var signer = new JcaContentSignerBuilder(
                        switch (algorithm) {
                            case "RSA" -> "SHA256withRSA";
                            case "EC" -> "SHA256withECDSA";
                            default -> algorithm;
                        })
                .build(keys.getPrivate());
        var made = new JcaX509v3CertificateBuilder(
                        name, serial, Date.from(from), Date.from(until), name, keys.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, names)
                .build(signer);
        var file = algorithm + startDate;
        return new TestCertificate(
                Files.writeString(folder.resolve(file + ".crt"), Pem.text("CERTIFICATE", made.getEncoded())),
                Files.writeString(
                        folder.resolve(file + ".key"),
                        Pem.text("PRIVATE KEY", keys.getPrivate().getEncoded())));
    }

    public TlsConfig config(String... protocols) {
        return new TlsConfig(
                TlsConfig.Mode.ON,
                certificate,
                key,
                List.of(protocols),
                List.of(),
                Duration.ofSeconds(5),
                TlsConfig.ClientAuth.NONE,
                null);
    }
}
