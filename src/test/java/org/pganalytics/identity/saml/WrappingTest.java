package org.pganalytics.identity.saml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pganalytics.fault.FaultException;

/** Attacks on how signed XML is read: something signed is there, and something else is to be believed. */
class WrappingTest {
    private static final TestIdp IDP = new TestIdp();
    private static final String EVIL = TestIdp.assertion("G-1", "G-root", "\"_assertion\"", "\"_evil\"");
    private static final String OBJECT = "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">%s</ds:Object>";

    private static String signature(String of) {
        return of.substring(of.indexOf("<ds:Signature"), of.indexOf("</ds:Signature>") + "</ds:Signature>".length());
    }

    private static String into(String xml, String after, String what) {
        int at = xml.indexOf(after) + after.length();
        return xml.substring(0, at) + what + xml.substring(at);
    }

    /** The eight of Somorovsky et al., "On Breaking SAML" (2012), and some more. */
    static Stream<Map.Entry<String, String>> attacks() throws Exception {
        var signed = IDP.sign(TestIdp.assertion(), "_assertion", IDP.keys.getPrivate(), TestIdp.RSA_SHA256);
        var signature = signature(signed);
        var bare = signed.replace(signature, "");
        var issuer = "</saml:Issuer>";
        var whole = IDP.sign(TestIdp.response(signed), "_response", IDP.keys.getPrivate(), TestIdp.RSA_SHA256);
        var wholeSignature = signature(whole);
        var wholeBare = whole.replace(wholeSignature, "");
        var evilResponse = TestIdp.response(EVIL, "\"_response\"", "\"_other\"");
        var all = new LinkedHashMap<String, String>();
        all.put(
                "1: the signed response in the signature",
                into(evilResponse, issuer, holding(wholeSignature, wholeBare)));
        all.put("2: the signed response before the signature", into(evilResponse, issuer, wholeBare + wholeSignature));
        all.put("3: the evil assertion first", TestIdp.response(EVIL + signed));
        all.put("4: the signed one in the evil one", TestIdp.response(into(EVIL, issuer, signed)));
        all.put("5: the evil one has the signature", TestIdp.response(into(EVIL, issuer, signature) + bare));
        all.put("6: the signed one in that", TestIdp.response(into(EVIL, issuer, holding(signature, bare))));
        all.put(
                "7: the evil one in extensions",
                TestIdp.response("<samlp:Extensions>%s</samlp:Extensions>%s".formatted(EVIL, signed)));
        all.put("8: the signed one in an object", TestIdp.response(into(EVIL, issuer, objected(signature, bare))));
        all.put("the signed one first", TestIdp.response(signed + EVIL));
        all.put("the same ID twice", TestIdp.response(into(signed, issuer, "<saml:Advice ID=\"_assertion\"/>")));
        all.put(
                "the evil one called like the signed one",
                TestIdp.response(into(EVIL.replace("_evil", "_assertion"), issuer, signature) + bare));
        all.put("two signatures", TestIdp.response(into(signed, issuer, signature)));
        all.put(
                "beside an encrypted one",
                TestIdp.response(signed + IDP.encrypted(signed, "aes256-gcm", "rsa-oaep-mgf1p")));
        all.put(
                "an evil one encrypted with the signed one in it",
                TestIdp.response(
                        IDP.encrypted(into(EVIL, issuer, holding(signature, bare)), "aes256-gcm", "rsa-oaep-mgf1p")));
        all.put("another root", "<x>%s</x>".formatted(TestIdp.response(signed)));
        return all.entrySet().stream();
    }

    private static String holding(String signature, String what) {
        return signature.replace("</ds:Signature>", what + "</ds:Signature>");
    }

    private static String objected(String signature, String what) {
        return holding(signature, OBJECT.formatted(what));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void nothingUnsignedIsBelieved(Map.Entry<String, String> attack) {
        assertThrows(FaultException.class, () -> IDP.read(attack.getValue()));
    }

    @Test
    void aCommentCutsNoNameShort() throws Exception {
        var signed = IDP.signed("G-1", "G-root.evil", ">alice<", ">root.evil<");
        for (var between : new String[] {"<!-- -->", "<!---->"}) {
            var cut = signed.replace("G-root.evil", "G-root%s.evil".formatted(between))
                    .replace(">root.evil<", ">root%s.evil<".formatted(between));
            var read = IDP.read(cut);
            assertEquals("G-root.evil", read.nameId().value());
            assertEquals("[root.evil]", read.values("uid").toString());
        }
        var instruction = IDP.signed("G-1", "G-root<?x y?>.evil");
        assertThrows(FaultException.class, () -> IDP.read(instruction));
        assertEquals(
                "G-root.evil",
                IDP.read(IDP.signed("G-1", "<![CDATA[G-root]]>.evil")).nameId().value());
    }

    @Test
    void noDocumentTypeIsReadSoThatNothingGrowsAndNothingIsFetched() throws Exception {
        var laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>";
        var file = "<!DOCTYPE r [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
        for (var type : new String[] {laughs, file, "<!DOCTYPE r SYSTEM \"http://127.0.0.1:1/x.dtd\">"}) {
            var failure = assertThrows(FaultException.class, () -> IDP.read(type + IDP.signed()));
            assertTrue(failure.detail().contains("no XML"), failure::detail);
        }
        var inside = IDP.encrypted(file + TestIdp.assertion(), "aes256-gcm", "rsa-oaep-mgf1p");
        assertThrows(FaultException.class, () -> IDP.read(TestIdp.response(inside)));
    }

    @Test
    void whatIsDeepOrHugeOrNoTextIsRefused() {
        for (var odd : new String[] {
            TestIdp.response("<a>".repeat(60) + "</a>".repeat(60)),
            "<a>".repeat(30_000),
            TestIdp.response("<a>%s</a>".formatted("x".repeat(200_000))),
            "",
            "\u0000",
            "<samlp:Response/>"
        }) {
            assertThrows(FaultException.class, () -> IDP.read(odd));
        }
        var reader = new ResponseReader(new AssertionKey(IDP.service.getPrivate()));
        for (var base64 : new String[] {"%%%", "====", "A".repeat(300 << 10), utf("\ud83d")}) {
            assertThrows(FaultException.class, () -> reader.read(base64, IDP.expected()));
        }
    }

    private static String utf(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_16));
    }
}
