package org.pganalytics.identity.saml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** What is taken of an identity provider, and all that is not. */
class ResponseReaderTest {
    private static final TestIdp IDP = new TestIdp();
    private static final String GCM = "aes256-gcm";
    private static final String CBC = "aes256-cbc";
    private static final String OAEP = "rsa-oaep-mgf1p";

    private static String refusal(String xml) {
        var failure = assertThrows(FaultException.class, () -> IDP.read(xml));
        assertEquals(Fault.UNAUTHENTICATED, failure.fault());
        return failure.detail();
    }

    private static String right() throws Exception {
        return IDP.sign(TestIdp.assertion(), "_assertion", IDP.keys.getPrivate(), TestIdp.RSA_SHA256);
    }

    private static String alsoSigned(String response) throws Exception {
        return IDP.sign(response, "_response", IDP.keys.getPrivate(), TestIdp.RSA_SHA256);
    }

    private static void assertAlice(SamlAssertion read) {
        assertEquals(new SamlAssertion.NameId(Saml.PERSISTENT, "G-1"), read.nameId());
        assertEquals(Map.of("uid", List.of("alice"), "groups", List.of("admins", "all")), read.attributes());
        assertEquals(Instant.parse("2026-11-30T12:05:00Z"), read.usableUntil());
        assertEquals("_assertion", read.id());
    }

    @Test
    void aRightOneIsTakenInEachOfItsForms() throws Exception {
        assertAlice(IDP.read(TestIdp.response(right())));
        assertAlice(IDP.read(alsoSigned(TestIdp.response(right()))));
        assertAlice(IDP.read(TestIdp.response(IDP.encrypted(right(), GCM, OAEP))));
        assertAlice(IDP.read(alsoSigned(TestIdp.response(IDP.encrypted(right(), GCM, OAEP)))));
        assertAlice(IDP.read(alsoSigned(TestIdp.response(IDP.encrypted(right(), CBC, OAEP)))));
    }

    @ParameterizedTest
    @CsvSource({
        "saml/metadata</saml:Audience, other</saml:Audience, Audience",
        "Recipient=\"https://stats, Recipient=\"https://other, in answer to",
        "InResponseTo=\"_request\", InResponseTo=\"_another\", in answer to",
        "InResponseTo=\"_request\", '', in answer to",
        "NotOnOrAfter=\"2026-11-30T12:05:00Z\" Recipient, Recipient, in answer to",
        "NotOnOrAfter=\"2026-11-30T12:05:00Z\" Recipient, NotOnOrAfter=\"2026-11-30T11:59:00Z\" Recipient, in answer to",
        "cm:bearer, cm:sender-vouches, in answer to",
        "12:05:00Z\"><saml:Aud, 11:59:00Z\"><saml:Aud, NotOnOrAfter",
        "NotBefore=\"2026-11-30T11:59:00Z\", NotBefore=\"2026-11-30T12:01:01Z\", NotBefore",
        "SessionNotOnOrAfter=\"2026-11-30T20:00:00Z\", SessionNotOnOrAfter=\"2026-11-30T11:59:00Z\", SessionNotOnOrAfter",
        "IssueInstant=\"2026-11-30T11:59:59.5Z\", IssueInstant=\"2026-11-30T12:02:00Z\", IssueInstant",
        "IssueInstant=\"2026-11-30T11:59:59.5Z\", IssueInstant=\"soon\", no time",
        "idp.example.org/saml</saml:Issuer>, idp.example.com/saml</saml:Issuer>, Issuer",
        "<saml:AudienceRestriction>, <saml:OneTimeUse/><saml:Unheard/><saml:AudienceRestriction>, condition",
        "G-1, '', NameID",
        "G-1, <b>G-1</b>, more than text",
        "Version=\"2.0\", Version=\"1.1\", SAML 2.0",
    })
    void anAssertionThatDoesNotFitIsRefused(String text, String instead, String why) throws Exception {
        var signed = IDP.signed(text, instead == null ? "" : instead);
        assertTrue(refusal(signed).contains(why), refusal(signed));
    }

    @Test
    void clocksMayDifferByTheSkewAndNoMore() throws Exception {
        IDP.read(IDP.signed("NotBefore=\"2026-11-30T11:59:00Z\"", "NotBefore=\"2026-11-30T12:01:00Z\""));
        IDP.read(IDP.signed("12:05:00Z\"><saml:Aud", "11:59:01Z\"><saml:Aud"));
    }

    @ParameterizedTest
    @CsvSource({
        "Destination=\"https://stats, Destination=\"https://other, Destination",
        "InResponseTo=\"_request\", InResponseTo=\"_another\", does not answer",
        "InResponseTo=\"_request\", '', InResponseTo",
        "status:Success, status:Responder, Responder",
        "status:Success, status:<Evil>, no word",
        "idp.example.org, idp.example.com, Issuer",
        "Version=\"2.0\", Version=\"2.1\", SAML 2.0",
        "11:59:59Z, 12:09:59Z, IssueInstant",
    })
    void aResponseThatDoesNotFitIsRefused(String text, String instead, String why) throws Exception {
        var odd = (instead == null ? "" : instead).replace("<Evil>", "Evil%20");
        var told = refusal(TestIdp.response(right(), text, odd));
        assertTrue(told.contains(why), told);
    }

    @Test
    void withoutASignatureItIsRefused() throws Exception {
        assertTrue(refusal(TestIdp.response(TestIdp.assertion())).contains("not signed"));
        assertTrue(refusal(alsoSigned(TestIdp.response(TestIdp.assertion()))).contains("not signed"));
        var stripped = right().replaceAll("(?s)<ds:Signature .*</ds:Signature>", "");
        assertTrue(refusal(TestIdp.response(stripped)).contains("not signed"));
    }

    @Test
    void whatIsChangedAfterwardsIsBySomebodyElse() throws Exception {
        for (var changed : List.of(
                right().replace("G-1", "G-2"),
                right().replace(">admins<", ">others<"),
                right().replaceAll("<ds:SignatureValue>..", "<ds:SignatureValue>AA"))) {
            assertThrows(UnknownKeyException.class, () -> IDP.read(TestIdp.response(changed)));
        }
        var broken = alsoSigned(TestIdp.response(right()))
                .replace("IssueInstant=\"2026-11-30T11:59:59Z", "IssueInstant=\"" + "2026-11-30T11:59:58Z");
        assertThrows(UnknownKeyException.class, () -> IDP.read(broken));
    }

    @Test
    void onlyTheKeysOfTheMetadataCountWhateverTheMessageBringsAlong() throws Exception {
        var evil = new TestIdp();
        assertThrows(UnknownKeyException.class, () -> IDP.read(evil.signed()));
        assertAlice(IDP.read(evil.signed(), IDP.expected(IDP.keys.getPublic(), evil.keys.getPublic())));
    }

    @Test
    void aPublicKeyIsNoSecretOfAnHmac() throws Exception {
        var secret = new javax.crypto.spec.SecretKeySpec(IDP.keys.getPublic().getEncoded(), "HmacSHA256");
        var forged = IDP.sign(
                TestIdp.assertion(), "_assertion", secret, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256");
        assertTrue(refusal(TestIdp.response(forged)).contains("algorithm"));
    }

    @ParameterizedTest
    @CsvSource({
        "algorithm, http://www.w3.org/2000/09/xmldsig#rsa-sha1, algorithm",
        "digest, http://www.w3.org/2000/09/xmldsig#sha1, digest",
        "canonicalization, http://www.w3.org/TR/2001/REC-xml-c14n-20010315, parts",
        "canonicalization, http://www.w3.org/2001/10/xml-exc-c14n#WithComments, parts",
        "transform, http://www.w3.org/TR/2001/REC-xml-c14n-20010315, transforms",
        "transform, http://www.w3.org/2001/10/xml-exc-c14n#WithComments, transforms",
        "reference, '', has no URI",
    })
    void weakOrOddWaysToSignAreRefused(String part, String algorithm, String why) throws Exception {
        var odd = Map.of(part, algorithm == null ? "" : algorithm);
        var signed = IDP.sign(TestIdp.assertion(), "_assertion", IDP.keys.getPrivate(), odd);
        assertTrue(refusal(TestIdp.response(signed)).contains(why), refusal(TestIdp.response(signed)));
    }

    @Test
    void whatIsEncryptedIsCheckedAllTheSame() throws Exception {
        assertTrue(refusal(TestIdp.response(IDP.encrypted(TestIdp.assertion(), GCM, OAEP)))
                .contains("not signed"));
        assertTrue(refusal(TestIdp.response(IDP.encrypted(right() + right(), GCM, OAEP)))
                .contains("no XML"));
        assertTrue(refusal(TestIdp.response(IDP.encrypted("<a/>", GCM, OAEP))).contains("not one assertion"));
        assertTrue(refusal(TestIdp.response(IDP.encrypted(right(), CBC, OAEP))).contains("response that is signed"));
        assertTrue(refusal(TestIdp.response(IDP.encrypted(right(), GCM, "rsa-1_5")))
                .contains("RSA-OAEP"));
        assertTrue(refusal(TestIdp.response(IDP.encrypted(right(), "tripledes-cbc", OAEP)))
                .contains("algorithm"));
        var forOthers = new TestIdp().encrypted(right(), GCM, OAEP);
        assertTrue(refusal(TestIdp.response(forOthers)).contains("cannot be decrypted"));
    }
}
