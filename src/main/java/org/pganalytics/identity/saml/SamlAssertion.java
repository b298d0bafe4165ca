package org.pganalytics.identity.saml;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What an identity provider says of somebody, every check of it passed.
 *
 * @param id for one use only
 * @param usableUntil when it is refused for its age
 * @param nameId of them, with its format
 * @param attributes values by name
 */
record SamlAssertion(String id, Instant usableUntil, NameId nameId, Map<String, List<String>> attributes) {
    /** @param format empty when it says none */
    record NameId(String format, String value) {}

    SamlAssertion {
        attributes = Map.copyOf(attributes);
    }

    List<String> values(String attribute) {
        return attributes.getOrDefault(attribute, List.of());
    }
}
