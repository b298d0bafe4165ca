package org.pganalytics.identity.saml;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.pganalytics.fault.FaultException;
import org.xml.sax.SAXException;

/**
 * What is to be known of an identity provider. A certificate is only how its key is written: that the metadata names it is
 * what counts, and not its date.
 *
 * @param signOnUrl where browsers are sent, by the redirect binding
 * @param keys by which it signs; while it changes them, the old ones and the new ones
 */
record IdpMetadata(String entityId, String signOnUrl, List<PublicKey> keys) {
    private static final int RSA_BITS_MIN = 2_048;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    IdpMetadata {
        keys = List.copyOf(keys);
    }

    /**
     * @param entityId of whom it must be; others may stand beside it
     * @throws IllegalArgumentException that says what is wrong with it
     */
    static IdpMetadata of(byte[] xml, String entityId, Instant now) {
        try {
            return of(entity(XmlElement.root(SecureXml.parse(xml)), entityId), entityId, now);
        } catch (SAXException odd) {
            throw new IllegalArgumentException("it is no XML without a document type", odd);
        } catch (FaultException odd) {
            throw new IllegalArgumentException(odd.detail(), odd);
        }
    }

    private static XmlElement entity(XmlElement root, String entityId) {
        var here = Stream.concat(Stream.of(root), root.children().stream())
                .filter(element -> element.is(Saml.METADATA, "EntityDescriptor"))
                .toList();
        var found = here.stream()
                .filter(element -> element.required("entityID").equals(entityId))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException("it has %s, and must have %s once"
                    .formatted(
                            here.stream()
                                    .map(element -> element.required("entityID"))
                                    .toList(),
                            entityId));
        }
        return found.get(0);
    }

    private static IdpMetadata of(XmlElement entity, String entityId, Instant now) {
        if (entity.time("validUntil").filter(until -> !now.isBefore(until)).isPresent()) {
            throw new IllegalArgumentException("it was valid until " + entity.required("validUntil"));
        }
        var role = entity.children(Saml.METADATA, "IDPSSODescriptor").stream()
                .filter(one -> List.of(
                                one.required("protocolSupportEnumeration").split("\\s+"))
                        .contains(Saml.PROTOCOL))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(entityId + " is no identity provider of SAML 2.0 in it"));
        var keys = role.children(Saml.METADATA, "KeyDescriptor").stream()
                .filter(key -> key.attribute("use").map("signing"::equals).orElse(true))
                .flatMap(IdpMetadata::keys)
                .toList();
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(entityId + " has no certificate for signing in it");
        }
        return new IdpMetadata(entityId, signOnUrl(role), keys);
    }

    private static String signOnUrl(XmlElement role) {
        return role.children(Saml.METADATA, "SingleSignOnService").stream()
                .filter(service -> service.required("Binding").equals(Saml.REDIRECT))
                .map(service -> service.required("Location"))
                .filter(IdpMetadata::isSafe)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "it has no SingleSignOnService with the binding HTTP-Redirect at https://"));
    }

    /** Also where it is to be fetched from. */
    static boolean isSafe(String url) {
        try {
            var uri = URI.create(url);
            return uri.getHost() != null
                    && uri.getFragment() == null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())));
        } catch (IllegalArgumentException odd) {
            return false;
        }
    }

    private static Stream<PublicKey> keys(XmlElement descriptor) {
        return descriptor.only(Saml.DSIG, "KeyInfo").children(Saml.DSIG, "X509Data").stream()
                .flatMap(data -> data.children(Saml.DSIG, "X509Certificate").stream())
                .map(certificate -> key(certificate.text()));
    }

    private static PublicKey key(String base64) {
        try {
            var der = Base64.getMimeDecoder().decode(base64);
            var key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der))
                    .getPublicKey();
            if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < RSA_BITS_MIN) {
                throw new IllegalArgumentException("it has an RSA key of less than %d bits".formatted(RSA_BITS_MIN));
            }
            return key;
        } catch (CertificateException odd) {
            throw new IllegalArgumentException("it has a damaged certificate", odd);
        }
    }
}
