package org.pganalytics.identity.saml;

import java.util.Base64;
import java.util.List;
import org.xml.sax.SAXException;

/** Reads what an identity provider sends by a browser, which may be anybody's. Takes its time: not on an event loop. */
final class ResponseReader {
    /** Of the form's field: 256 KiB of body have room for no more. */
    static final int LENGTH_MAX = 256 << 10;

    private final AssertionKey key;

    ResponseReader(AssertionKey key) {
        this.key = key;
    }

    /** Fails as refused. @param base64 the field SAMLResponse of the POST binding */
    SamlAssertion read(String base64, Expected expected) throws UnknownKeyException {
        var response = XmlElement.root(parsed(decoded(base64)));
        if (!response.is(Saml.PROTOCOL, "Response")) {
            throw Saml.refused("it is no Response");
        }
        requireHead(response, expected);
        boolean signed = XmlSignature.isOn(response);
        if (signed) {
            XmlSignature.verified(response, expected.idp().keys());
        }
        var assertion = assertion(response, signed);
        if (!XmlSignature.isOn(assertion)) {
            throw Saml.refused("its assertion is not signed");
        }
        var bytes = XmlSignature.verified(assertion, expected.idp().keys());
        return new AssertionChecks(expected).read(XmlElement.root(parsed(bytes)));
    }

    private static byte[] decoded(String base64) {
        if (base64.length() > LENGTH_MAX) {
            throw Saml.refused("it is longer than %d characters".formatted(LENGTH_MAX));
        }
        try {
            return Base64.getDecoder().decode(base64.replaceAll("[\\r\\n]", ""));
        } catch (IllegalArgumentException odd) {
            throw Saml.refused("it is not in base64", odd);
        }
    }

    private static org.w3c.dom.Document parsed(byte[] xml) {
        try {
            return SecureXml.parse(xml);
        } catch (SAXException odd) {
            throw Saml.refused("it is no XML, or not of the kind that is read here", odd);
        }
    }

    /** What may be unsigned, and tells honest mistakes; what counts stands once more in the assertion. */
    private static void requireHead(XmlElement response, Expected expected) {
        requireStatus(response);
        if (!response.required("Version").equals("2.0")) {
            throw Saml.refused("it is not SAML 2.0");
        }
        if (!response.required("Destination").equals(expected.consumerUrl())) {
            throw Saml.refused("its Destination is not " + expected.consumerUrl());
        }
        if (!response.required("InResponseTo").equals(expected.requestId())) {
            throw Saml.refused("it does not answer what this browser asked");
        }
        var issuer = response.optional(Saml.ASSERTION, "Issuer").map(XmlElement::text);
        if (issuer.filter(name -> !name.equals(expected.idp().entityId())).isPresent()) {
            throw Saml.refused("its Issuer is not " + expected.idp().entityId());
        }
        if (response.time("IssueInstant").filter(expected::hasBegun).isEmpty()) {
            throw Saml.refused("its IssueInstant is missing, or in the future");
        }
    }

    private static void requireStatus(XmlElement response) {
        var code = response.only(Saml.PROTOCOL, "Status").only(Saml.PROTOCOL, "StatusCode");
        var value = code.required("Value");
        if (!value.equals(Saml.SUCCESS)) {
            var inner = code.optional(Saml.PROTOCOL, "StatusCode").map(one -> one.required("Value"));
            throw Saml.refused("it has let nobody in, and says " + told(inner.orElse(value)));
        }
    }

    /** The last part of a well-known name; nothing that somebody else made up. */
    private static String told(String status) {
        var prefix = "urn:oasis:names:tc:SAML:2.0:status:";
        var name = status.startsWith(prefix) ? status.substring(prefix.length()) : "";
        return name.matches("[A-Za-z]{1,40}") ? name : "why in no word of SAML";
    }

    private XmlElement assertion(XmlElement response, boolean signed) {
        var plain = response.children(Saml.ASSERTION, "Assertion");
        var encrypted = response.children(Saml.ASSERTION, "EncryptedAssertion");
        int anywhere =
                response.count(Saml.ASSERTION, "Assertion") + response.count(Saml.ASSERTION, "EncryptedAssertion");
        if (plain.size() + encrypted.size() != 1 || anywhere != 1) {
            throw Saml.refused("it must have exactly one assertion");
        }
        return plain.isEmpty() ? opened(encrypted, signed) : plain.get(0);
    }

    private XmlElement opened(List<XmlElement> encrypted, boolean signed) {
        var assertion = XmlElement.root(parsed(key.open(encrypted.get(0), signed)));
        if (!assertion.is(Saml.ASSERTION, "Assertion") || assertion.count(Saml.ASSERTION, "Assertion") != 0) {
            throw Saml.refused("what is encrypted in it is not one assertion");
        }
        return assertion;
    }
}
