package org.pganalytics.identity.saml;

import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Writes what an identity provider writes, or as an attacker would have it; signs and encrypts by the JDK's means. */
final class TestIdp {
    static final String ENTITY = "https://idp.example.org/saml";
    static final String SERVICE = "https://stats.example.org/api/v1/session/saml/metadata";
    static final String CONSUMER = "https://stats.example.org/api/v1/session/saml";
    static final String REQUEST = "_request";
    static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    private static final String ASSERTION_TEXT = """
            <saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_assertion" Version="2.0" \
            IssueInstant="2026-11-30T11:59:59.5Z"><saml:Issuer>https://idp.example.org/saml</saml:Issuer>\
            <saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">G-1</saml:NameID>\
            <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData \
            InResponseTo="_request" NotOnOrAfter="2026-11-30T12:05:00Z" \
            Recipient="https://stats.example.org/api/v1/session/saml"/></saml:SubjectConfirmation></saml:Subject>\
            <saml:Conditions NotBefore="2026-11-30T11:59:00Z" NotOnOrAfter="2026-11-30T12:05:00Z"><saml:AudienceRestriction>\
            <saml:Audience>https://stats.example.org/api/v1/session/saml/metadata</saml:Audience></saml:AudienceRestriction>\
            </saml:Conditions><saml:AuthnStatement AuthnInstant="2026-11-30T11:59:58Z" \
            SessionNotOnOrAfter="2026-11-30T20:00:00Z"><saml:AuthnContext><saml:AuthnContextClassRef>\
            urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>\
            </saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="uid"><saml:AttributeValue>alice\
            </saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue>admins\
            </saml:AttributeValue><saml:AttributeValue>all</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>\
            </saml:Assertion>""";

    private static final String RESPONSE_TEXT = """
            <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
            xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response" Version="2.0" \
            IssueInstant="2026-11-30T11:59:59Z" Destination="https://stats.example.org/api/v1/session/saml" \
            InResponseTo="_request"><saml:Issuer>https://idp.example.org/saml</saml:Issuer><samlp:Status><samlp:StatusCode \
            Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>@assertion@</samlp:Response>""";

    final KeyPair keys = pair();
    final KeyPair service = pair();

    static KeyPair pair() {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2_048);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Expected expected(PublicKey... known) {
        var all = known.length == 0 ? List.of(keys.getPublic()) : List.of(known);
        var metadata = new IdpMetadata(ENTITY, "https://idp.example.org/sso", all);
        return new Expected(metadata, REQUEST, CONSUMER, SERVICE, NOW, Duration.ofSeconds(60));
    }

    /** Reads it as the service does. */
    SamlAssertion read(String xml) throws UnknownKeyException {
        return read(xml, expected());
    }

    SamlAssertion read(String xml, Expected expected) throws UnknownKeyException {
        var base64 = Base64.getEncoder().encodeToString(xml.getBytes(StandardCharsets.UTF_8));
        return new ResponseReader(new AssertionKey(service.getPrivate())).read(base64, expected);
    }

    /** Unsigned. @param changes texts and what stands there instead, in turn */
    static String assertion(String... changes) {
        return changed(ASSERTION_TEXT, changes);
    }

    static String response(String assertion, String... changes) {
        return changed(RESPONSE_TEXT, changes).replace("@assertion@", assertion);
    }

    private static String changed(String text, String... changes) {
        var changed = text;
        for (int i = 0; i < changes.length; i += 2) {
            if (!changed.contains(changes[i])) {
                throw new IllegalArgumentException("nothing to change: " + changes[i]);
            }
            changed = changed.replace(changes[i], changes[i + 1]);
        }
        return changed;
    }

    /** A right one, whose assertion has been changed so before it was signed. */
    String signed(String... changes) throws Exception {
        return response(sign(assertion(changes), "_assertion", keys.getPrivate(), RSA_SHA256));
    }

    /** Signs the element with this ID, right after its Issuer; the KeyInfo says what a real one would not. */
    String sign(String xml, String id, Key key, String algorithm) throws Exception {
        return sign(xml, id, key, Map.of("algorithm", algorithm));
    }

    /** @param odd what is other than usual: algorithm, digest, canonicalization, transform */
    String sign(String xml, String id, Key key, Map<String, String> odd) throws Exception {
        var document = parse(xml);
        var element = byId(document, id);
        element.setIdAttributeNS(null, "ID", true);
        var factory = XMLSignatureFactory.getInstance("DOM");
        var transforms = Stream.of(Transform.ENVELOPED, odd.getOrDefault("transform", CanonicalizationMethod.EXCLUSIVE))
                .map(name -> transform(factory, name))
                .toList();
        var reference = factory.newReference(
                odd.getOrDefault("reference", "#" + id),
                factory.newDigestMethod(odd.getOrDefault("digest", Saml.XENC + "sha256"), null),
                transforms,
                null,
                null);
        var info = factory.newSignedInfo(
                factory.newCanonicalizationMethod(
                        odd.getOrDefault("canonicalization", CanonicalizationMethod.EXCLUSIVE),
                        (C14NMethodParameterSpec) null),
                factory.newSignatureMethod(odd.getOrDefault("algorithm", RSA_SHA256), null),
                List.of(reference));
        var keyInfos = factory.getKeyInfoFactory();
        var keyInfo = keyInfos.newKeyInfo(
                List.of(keyInfos.newKeyValue(key instanceof PrivateKey ? keys.getPublic() : pair().getPublic())));
        var context = new DOMSignContext(key, element, element.getFirstChild().getNextSibling());
        context.setDefaultNamespacePrefix("ds");
        context.setProperty("org.jcp.xml.dsig.secureValidation", false);
        factory.newXMLSignature(info, keyInfo).sign(context);
        return text(document);
    }

    private static Transform transform(XMLSignatureFactory factory, String name) {
        try {
            return factory.newTransform(name, (TransformParameterSpec) null);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** As an EncryptedAssertion. @param data such as {@code aes256-gcm} @param transport such as {@code rsa-oaep-mgf1p} */
    String encrypted(String assertion, String data, String transport) throws Exception {
        var generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        var secret = generator.generateKey();
        boolean gcm = data.endsWith("gcm");
        var cipher = Cipher.getInstance(gcm ? "AES/GCM/NoPadding" : "AES/CBC/ISO10126Padding");
        cipher.init(Cipher.ENCRYPT_MODE, secret);
        var text = cipher.doFinal(assertion.getBytes(StandardCharsets.UTF_8));
        var wrap = Cipher.getInstance(
                transport.startsWith("rsa-oaep") ? "RSA/ECB/OAEPWithSHA-1AndMGF1Padding" : "RSA/ECB/PKCS1Padding");
        wrap.init(Cipher.ENCRYPT_MODE, service.getPublic());
        return """
                <saml:EncryptedAssertion xmlns:saml="%s"><xenc:EncryptedData xmlns:xenc="%s" \
                Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="%s"/>\
                <ds:KeyInfo xmlns:ds="%s"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="%s"/><xenc:CipherData>\
                <xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>\
                <xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\
                </saml:EncryptedAssertion>""".formatted(
                        Saml.ASSERTION,
                        Saml.XENC,
                        (gcm ? Saml.XENC11 : Saml.XENC) + data,
                        Saml.DSIG,
                        Saml.XENC + transport,
                        Base64.getEncoder().encodeToString(wrap.doFinal(secret.getEncoded())),
                        Base64.getEncoder().encodeToString(joined(cipher.getIV(), text)));
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var all = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static Document parse(String xml) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    }

    private static Element byId(Document document, String id) {
        var all = document.getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            if (((Element) all.item(i)).getAttribute("ID").equals(id)) {
                return (Element) all.item(i);
            }
        }
        throw new IllegalArgumentException(id);
    }

    private static String text(Document document) throws Exception {
        var transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        var out = new StringWriter();
        transformer.transform(new DOMSource(document), new StreamResult(out));
        return out.toString();
    }
}
