package org.pganalytics.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An authority of one's own, made by openssl, and what it certifies. */
public record TestAuthority(Path certificate, Path key) {

    public static TestAuthority make(Path folder, String name) throws Exception {
        var certificate = folder.resolve(name + ".ca.crt");
        var key = folder.resolve(name + ".ca.key");
        openssl("req", "-x509", "-nodes", "-days", "5", "-subj", "/CN=" + name)
                .and("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", key, "-out", certificate)
                .run();
        return new TestAuthority(certificate, key);
    }

    /** @param host the one name it is good for: an address, or a DNS name, or a client's common name */
    public TestCertificate certify(String host) throws Exception {
        var folder = certificate.getParent();
        var made = new TestCertificate(folder.resolve(host + ".crt"), folder.resolve(host + ".key"));
        var request = folder.resolve(host + ".csr");
        var extension = folder.resolve(host + ".ext");
        Files.writeString(extension, "subjectAltName=%s:%s\n".formatted(host.matches("[0-9.]+") ? "IP" : "DNS", host));
        openssl("req", "-nodes", "-subj", "/CN=" + host)
                .and("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", made.key(), "-out", request)
                .run();
        openssl("x509", "-req", "-days", "5", "-CAcreateserial", "-in", request.toString())
                .and("-CA", certificate, "-CAkey", key)
                .and("-extfile", extension, "-out", made.certificate())
                .run();
        return made;
    }

    private static Command openssl(String... arguments) {
        return new Command(new ArrayList<>(List.of("openssl"))).and((Object[]) arguments);
    }

    private record Command(List<String> words) {
        Command and(Object... more) {
            for (var word : more) {
                words.add(word.toString());
            }
            return this;
        }

        void run() throws Exception {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), output);
        }
    }
}
