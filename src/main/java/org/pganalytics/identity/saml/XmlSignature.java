package org.pganalytics.identity.saml;

import java.io.IOException;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.MarshalException;
import javax.xml.crypto.dsig.XMLSignatureException;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import org.w3c.dom.Element;

/**
 * The signature of an element, enveloped in it. What it may look like is checked before anything is computed: one reference,
 * to the element that it stands in; two transforms; strong algorithms; keys that were known before. Whoever reads on reads
 * the bytes that were signed, and not the document that they came in.
 */
final class XmlSignature {
    private static final String ENVELOPED = Saml.DSIG + "enveloped-signature";
    private static final String EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
    private static final String MORE = "http://www.w3.org/2001/04/xmldsig-more#";

    /** With the kind of key that each takes: a public key is never the secret of an HMAC. */
    private static final Map<String, String> ALGORITHMS = Map.ofEntries(
            Map.entry(MORE + "rsa-sha256", "RSA"),
            Map.entry(MORE + "rsa-sha384", "RSA"),
            Map.entry(MORE + "rsa-sha512", "RSA"),
            Map.entry("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "RSA"),
            Map.entry("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", "RSA"),
            Map.entry("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", "RSA"),
            Map.entry(MORE + "ecdsa-sha256", "EC"),
            Map.entry(MORE + "ecdsa-sha384", "EC"),
            Map.entry(MORE + "ecdsa-sha512", "EC"));

    private static final Set<String> DIGESTS = Set.of(Saml.XENC + "sha256", Saml.XENC + "sha512", MORE + "sha384");
    private static final Set<String> PARTS = Set.of("SignedInfo", "SignatureValue", "KeyInfo");
    private static final Set<String> ID_NAMES = Set.of("id", "xml:id");

    private XmlSignature() {}

    static boolean isOn(XmlElement element) {
        return !element.children(Saml.DSIG, "Signature").isEmpty();
    }

    /**
     * The bytes that are signed: the element in its canonical form, without comments and without its signature.
     *
     * @param element has an ID that no other element of its document has
     * @param keys of whom may have signed it
     */
    static byte[] verified(XmlElement element, List<PublicKey> keys) throws UnknownKeyException {
        var signature = element.only(Saml.DSIG, "Signature");
        var algorithm = algorithm(signature);
        requireForm(element, signature);
        requireSingleIds(element);
        for (var key : keys) {
            if (key.getAlgorithm().equals(ALGORITHMS.get(algorithm))) {
                var signed = signedBy(element, signature, key);
                if (signed != null) {
                    return signed;
                }
            }
        }
        throw new UnknownKeyException();
    }

    private static String algorithm(XmlElement signature) {
        var signedInfo = signature.only(Saml.DSIG, "SignedInfo");
        var algorithm = signedInfo.only(Saml.DSIG, "SignatureMethod").required("Algorithm");
        if (!ALGORITHMS.containsKey(algorithm)) {
            throw Saml.refused(
                    "it is signed with an algorithm that is not allowed; allowed are RSA and ECDSA with SHA-256,"
                            + " SHA-384 or SHA-512");
        }
        return algorithm;
    }

    private static void requireForm(XmlElement element, XmlElement signature) {
        var signedInfo = signature.only(Saml.DSIG, "SignedInfo");
        boolean known = signature.children().stream()
                .allMatch(part -> PARTS.stream().anyMatch(name -> part.is(Saml.DSIG, name)));
        if (!known
                || signedInfo.children().size() != 3
                || !isExclusive(signedInfo.only(Saml.DSIG, "CanonicalizationMethod"))) {
            throw Saml.refused("its signature has parts that are not allowed");
        }
        var reference = signedInfo.only(Saml.DSIG, "Reference");
        if (!reference.required("URI").equals("#" + element.required("ID"))) {
            throw Saml.refused("its signature is not of the element that it stands in");
        }
        if (!DIGESTS.contains(reference.only(Saml.DSIG, "DigestMethod").required("Algorithm"))) {
            throw Saml.refused(
                    "it is signed with a digest that is not allowed; allowed are SHA-256, SHA-384 and SHA-512");
        }
        if (!areAllowed(reference.only(Saml.DSIG, "Transforms").children())) {
            throw Saml.refused(
                    "its signature has transforms other than enveloped-signature and exclusive canonicalization");
        }
    }

    private static boolean areAllowed(List<XmlElement> transforms) {
        return transforms.size() == 2
                && transforms.stream().allMatch(one -> one.is(Saml.DSIG, "Transform"))
                && transforms.get(0).required("Algorithm").equals(ENVELOPED)
                && transforms.get(0).children().isEmpty()
                && isExclusive(transforms.get(1));
    }

    private static boolean isExclusive(XmlElement method) {
        return method.required("Algorithm").equals(EXCLUSIVE)
                && method.children().size() <= 1
                && method.children().stream().allMatch(list -> list.is(EXCLUSIVE, "InclusiveNamespaces"));
    }

    /** In the whole document: what a reference means must not depend on who looks. */
    private static void requireSingleIds(XmlElement element) {
        var seen = new HashSet<String>();
        var all = element.dom().getOwnerDocument().getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            var attributes = ((Element) all.item(i)).getAttributes();
            for (int at = 0; at < attributes.getLength(); at++) {
                var attribute = attributes.item(at);
                boolean isId = ID_NAMES.contains(attribute.getNodeName().toLowerCase(java.util.Locale.ROOT));
                if (isId && !seen.add(attribute.getNodeValue())) {
                    throw Saml.refused("two of its elements have the same ID");
                }
            }
        }
    }

    /** Null when it is not by this key. */
    private static byte[] signedBy(XmlElement element, XmlElement signature, PublicKey key) {
        var context = new DOMValidateContext(KeySelector.singletonKeySelector(key), signature.dom());
        context.setProperty("org.jcp.xml.dsig.secureValidation", true);
        context.setProperty("javax.xml.crypto.dsig.cacheReference", true);
        context.setIdAttributeNS(element.dom(), null, "ID");
        try {
            var found = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
            if (!found.validate(context)) {
                return null;
            }
            var reference = found.getSignedInfo().getReferences().get(0);
            try (var signed = reference.getDigestInputStream()) {
                return signed.readAllBytes();
            }
        } catch (XMLSignatureException notByIt) {
            return null; // Java says so of an RSA signature that is not as long as the key
        } catch (MarshalException | IOException odd) {
            throw Saml.refused("its signature cannot be checked", odd);
        }
    }
}
