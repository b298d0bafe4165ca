package org.pganalytics.identity.saml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.model.Role;
import org.pganalytics.tls.TestCertificate;

/** Keys and metadata as files have them. */
class SamlFilesTest {
    private static final String IDP = "https://idp.example.org/saml";

    @TempDir
    private static Path folder;

    private static TestCertificate made;
    private static String metadata;

    @BeforeAll
    static void make() throws Exception {
        made = TestCertificate.make(folder, "RSA", "0d");
        Files.setPosixFilePermissions(made.key(), PosixFilePermissions.fromString("rw-------"));
        var certificate = Files.readString(made.certificate()).replaceAll("-----[A-Z ]+-----", "");
        metadata = """
                <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.org/saml">
                <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
                <KeyDescriptor use="signing">
                <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">
                <X509Data><X509Certificate>%s</X509Certificate></X509Data>
                </KeyInfo></KeyDescriptor><SingleSignOnService Location="https://idp.example.org/sso"
                Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/></IDPSSODescriptor></EntityDescriptor>
                """.formatted(certificate);
    }

    private static SamlConfig config(Path key, Path certificate) {
        var roles = new SamlConfig.Roles(List.of("dba"), List.of(), List.of(), List.of("all"));
        return new SamlConfig(
                "saml",
                IDP,
                folder.resolve("idp.xml"),
                "",
                null,
                "",
                key,
                certificate,
                "uid",
                "",
                "groups",
                roles,
                Duration.ofSeconds(60),
                Duration.ofHours(1),
                false);
    }

    private static String wrong(Path key, Path certificate) {
        return SamlKeys.wrong(config(key, certificate)).toString();
    }

    @Test
    void aKeyIsItsOwnersAloneAndOfItsCertificate() throws Exception {
        assertEquals("[]", wrong(made.key(), made.certificate()));
        var open = Files.copy(made.key(), folder.resolve("open.key"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(wrong(open, made.certificate()).contains("open to others"));
        var other = TestCertificate.make(folder, "RSA", "-1d");
        assertTrue(wrong(made.key(), other.certificate()).contains("which is not of identity.saml.key"));
        var curve = TestCertificate.make(folder, "EC", "0d");
        Files.setPosixFilePermissions(curve.key(), PosixFilePermissions.fromString("rw-------"));
        assertTrue(wrong(curve.key(), made.certificate()).contains("RSA key"));
        assertTrue(wrong(made.key(), made.key()).contains("no PEM certificate"));
        assertTrue(wrong(folder.resolve("none"), made.certificate()).contains("cannot be read"));
    }

    @Test
    void theHighestRoleOfTheGroupsCounts() {
        var roles = config(made.key(), made.certificate()).roles();
        assertEquals(Optional.of(Role.ADMIN), roles.of(List.of("all", "dba")));
        assertEquals(Optional.of(Role.VIEWER), roles.of(List.of("all")));
        assertEquals(Optional.empty(), roles.of(List.of("DBA")));
    }

    private static IdpMetadata read(String xml) {
        return IdpMetadata.of(xml.getBytes(StandardCharsets.UTF_8), IDP, Instant.parse("2026-11-30T12:00:00Z"));
    }

    @Test
    void metadataAreReadAlsoAmongOthers() {
        assertEquals("https://idp.example.org/sso", read(metadata).signOnUrl());
        assertEquals(1, read(metadata).keys().size());
        var others = metadata.replace(IDP, "https://other.example.org");
        assertEquals(
                read(metadata),
                read("<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'>%s</EntitiesDescriptor>"
                        .formatted(others + metadata)));
    }

    @ParameterizedTest
    @CsvSource({
        "entityID=\"https://idp, entityID=\"https://other, must have",
        "entityID=, validUntil=\"2026-11-30T12:00:00Z\" entityID=, valid until",
        "use=\"signing\", use=\"encryption\", no certificate for signing",
        "https://idp.example.org/sso, http://idp.example.org/sso, HTTP-Redirect",
        "https://idp.example.org/sso, javascript:alert(1), HTTP-Redirect",
        "SAML:2.0:protocol, SAML:1.1:protocol, no identity provider",
        "<EntityDescriptor, <!DOCTYPE x []><EntityDescriptor, document type",
        "<X509Certificate>, <X509Certificate>AAAA, damaged",
    })
    void otherMetadataAreRefused(String text, String instead, String why) {
        var failure = assertThrows(IllegalArgumentException.class, () -> read(metadata.replace(text, instead)));
        assertTrue(failure.getMessage().contains(why), failure::getMessage);
    }
}
