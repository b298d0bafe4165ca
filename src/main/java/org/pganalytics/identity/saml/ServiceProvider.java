package org.pganalytics.identity.saml;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * What this service says of itself and asks: its metadata, and its requests by the redirect binding, which are signed.
 *
 * @param entityId what it is called
 * @param consumerUrl where answers are to be sent
 * @param stableNames whether the NameID is to say who somebody is
 */
record ServiceProvider(String entityId, String consumerUrl, boolean stableNames, SamlKeys keys) {
    private static final String SIGNATURE = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

    String metadata() {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <EntityDescriptor xmlns="%s" xmlns:ds="%s" entityID="%s">
                  <SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"
                      protocolSupportEnumeration="%s">
                    <KeyDescriptor use="signing">
                      <ds:KeyInfo><ds:X509Data><ds:X509Certificate>%6$s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
                    </KeyDescriptor>
                    <KeyDescriptor use="encryption">
                      <ds:KeyInfo><ds:X509Data><ds:X509Certificate>%6$s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
                      <EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
                      <EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
                    </KeyDescriptor>
                    %7$s<AssertionConsumerService Binding="%8$s" Location="%5$s" index="0" isDefault="true"/>
                  </SPSSODescriptor>
                </EntityDescriptor>
                """.formatted(
                        Saml.METADATA,
                        Saml.DSIG,
                        Saml.escaped(entityId),
                        Saml.PROTOCOL,
                        Saml.escaped(consumerUrl),
                        keys.certificateText(),
                        stableNames ? "<NameIDFormat>%s</NameIDFormat>\n    ".formatted(Saml.PERSISTENT) : "",
                        Saml.POST);
    }

    /**
     * Where the browser goes.
     *
     * @param requestId an NCName that nobody can guess; the answer names it
     * @param state comes back with the answer; at most 80 bytes
     */
    String requestUrl(IdpMetadata idp, String requestId, String state, Instant now) {
        var query = "SAMLRequest=%s&RelayState=%s&SigAlg=%s"
                .formatted(encoded(deflated(request(idp, requestId, now))), encoded(state), encoded(SIGNATURE));
        var joint = idp.signOnUrl().contains("?") ? "&" : "?";
        return "%s%s%s&Signature=%s".formatted(idp.signOnUrl(), joint, query, encoded(signed(query)));
    }

    private String request(IdpMetadata idp, String requestId, Instant now) {
        return """
                <samlp:AuthnRequest xmlns:samlp="%s" xmlns:saml="%s" ID="%s" Version="2.0" IssueInstant="%s" \
                Destination="%s" AssertionConsumerServiceURL="%s" ProtocolBinding="%s">\
                <saml:Issuer>%s</saml:Issuer>%s</samlp:AuthnRequest>""".formatted(
                        Saml.PROTOCOL,
                        Saml.ASSERTION,
                        Saml.escaped(requestId),
                        now.truncatedTo(ChronoUnit.SECONDS),
                        Saml.escaped(idp.signOnUrl()),
                        Saml.escaped(consumerUrl),
                        Saml.POST,
                        Saml.escaped(entityId),
                        stableNames
                                ? "<samlp:NameIDPolicy Format=\"%s\" AllowCreate=\"true\"/>".formatted(Saml.PERSISTENT)
                                : "");
    }

    private static String deflated(String text) {
        var bytes = new ByteArrayOutputStream();
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try (var out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        } finally {
            deflater.end();
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private String signed(String query) {
        try {
            var signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(keys.key());
            signature.update(query.getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read signs", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
