package org.pganalytics.identity.saml;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must be so for an assertion to be taken (SAML Profiles 4.1.4): who says it, of whom, to whom, in answer to what, and
 * when. It is read from the bytes that were signed.
 */
final class AssertionChecks {
    private static final int VALUE_LENGTH_MAX = 255;
    private static final int ATTRIBUTES_MAX = 200;
    private static final int VALUES_MAX = 2_000;
    private static final Set<String> KNOWN_CONDITIONS = Set.of("AudienceRestriction", "OneTimeUse", "ProxyRestriction");

    private final Expected expected;

    AssertionChecks(Expected expected) {
        this.expected = expected;
    }

    SamlAssertion read(XmlElement assertion) {
        if (!assertion.is(Saml.ASSERTION, "Assertion")
                || !assertion.required("Version").equals("2.0")) {
            throw Saml.refused("its assertion is not one of SAML 2.0");
        }
        requireIssuer(assertion.only(Saml.ASSERTION, "Issuer"));
        if (assertion.time("IssueInstant").filter(expected::hasBegun).isEmpty()) {
            throw Saml.refused("its assertion's IssueInstant is missing, or in the future");
        }
        requireConditions(assertion.only(Saml.ASSERTION, "Conditions"));
        requireSignedIn(assertion.children(Saml.ASSERTION, "AuthnStatement"));
        var subject = assertion.only(Saml.ASSERTION, "Subject");
        var until = confirmedUntil(subject);
        return new SamlAssertion(id(assertion), until, nameId(subject), attributes(assertion));
    }

    private static String id(XmlElement assertion) {
        return limited("ID", assertion.required("ID"));
    }

    private static String limited(String what, String value) {
        if (value.isEmpty() || value.length() > VALUE_LENGTH_MAX) {
            throw Saml.refused("%s must have 1 to %d characters".formatted(what, VALUE_LENGTH_MAX));
        }
        return value;
    }

    private void requireIssuer(XmlElement issuer) {
        boolean isEntity = issuer.attribute("Format").map(Saml.ENTITY::equals).orElse(true);
        if (!isEntity || !issuer.text().equals(expected.idp().entityId())) {
            throw Saml.refused("its assertion's Issuer is not " + expected.idp().entityId());
        }
    }

    private void requireConditions(XmlElement conditions) {
        if (conditions
                .time("NotBefore")
                .filter(begin -> !expected.hasBegun(begin))
                .isPresent()) {
            throw Saml.refused("its assertion does not hold yet (NotBefore); look at the clocks of both");
        }
        if (conditions.time("NotOnOrAfter").filter(expected::isOver).isPresent()) {
            throw Saml.refused(
                    "its assertion holds no more (NotOnOrAfter); sign in again, or look at the clocks of both");
        }
        for (var condition : conditions.children()) {
            boolean known = KNOWN_CONDITIONS.stream().anyMatch(name -> condition.is(Saml.ASSERTION, name));
            if (!known) {
                throw Saml.refused("its assertion has a condition that is not known here");
            }
        }
        var restrictions = conditions.children(Saml.ASSERTION, "AudienceRestriction");
        boolean isForUs = !restrictions.isEmpty()
                && restrictions.stream()
                        .allMatch(restriction -> restriction.children(Saml.ASSERTION, "Audience").stream()
                                .anyMatch(audience -> audience.text().equals(expected.entityId())));
        if (!isForUs) {
            throw Saml.refused("its assertion is not for " + expected.entityId() + " (Audience)");
        }
    }

    private void requireSignedIn(List<XmlElement> statements) {
        if (statements.isEmpty()) {
            throw Saml.refused("its assertion does not say that somebody signed in (AuthnStatement)");
        }
        for (var statement : statements) {
            if (statement.time("AuthnInstant").filter(expected::hasBegun).isEmpty()) {
                throw Saml.refused("its AuthnInstant is missing, or in the future");
            }
            if (statement.time("SessionNotOnOrAfter").filter(expected::isOver).isPresent()) {
                throw Saml.refused("the session at the identity provider is over (SessionNotOnOrAfter)");
            }
        }
    }

    /** By one confirmation of bearer at least, all of which holds. */
    private Instant confirmedUntil(XmlElement subject) {
        return subject.children(Saml.ASSERTION, "SubjectConfirmation").stream()
                .filter(confirmation -> confirmation.required("Method").equals(Saml.BEARER))
                .map(confirmation -> confirmation.only(Saml.ASSERTION, "SubjectConfirmationData"))
                .filter(this::holds)
                .map(data -> data.time("NotOnOrAfter").orElseThrow())
                .findFirst()
                .orElseThrow(() ->
                        Saml.refused("its assertion is not for %s in answer to what this browser asked, or too late"
                                .formatted(expected.consumerUrl())));
    }

    private boolean holds(XmlElement data) {
        return data.attribute("Recipient")
                        .filter(expected.consumerUrl()::equals)
                        .isPresent()
                && data.attribute("InResponseTo")
                        .filter(expected.requestId()::equals)
                        .isPresent()
                && data.time("NotOnOrAfter")
                        .filter(end -> !expected.isOver(end))
                        .isPresent()
                && data.time("NotBefore").map(expected::hasBegun).orElse(true);
    }

    private static SamlAssertion.NameId nameId(XmlElement subject) {
        var name = subject.only(Saml.ASSERTION, "NameID");
        return new SamlAssertion.NameId(name.attribute("Format").orElse(""), limited("NameID", name.text()));
    }

    private static Map<String, List<String>> attributes(XmlElement assertion) {
        var found = new HashMap<String, List<String>>();
        for (var statement : assertion.children(Saml.ASSERTION, "AttributeStatement")) {
            for (var attribute : statement.children(Saml.ASSERTION, "Attribute")) {
                var of = found.computeIfAbsent(attribute.required("Name"), first -> new ArrayList<>());
                attribute.children(Saml.ASSERTION, "AttributeValue").stream()
                        .filter(value -> value.children().isEmpty())
                        .forEach(value -> of.add(value.text()));
            }
        }
        int values = found.values().stream().mapToInt(List::size).sum();
        if (found.size() > ATTRIBUTES_MAX || values > VALUES_MAX) {
            throw Saml.refused("it has more than %d attributes or %d values".formatted(ATTRIBUTES_MAX, VALUES_MAX));
        }
        return found;
    }
}
