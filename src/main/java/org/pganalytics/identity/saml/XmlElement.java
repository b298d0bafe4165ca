package org.pganalytics.identity.saml;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.Text;

/** An element and what stands directly in it; what is looked for deeper is never found by accident. */
record XmlElement(Element dom) {
    static XmlElement root(Document document) {
        return new XmlElement(document.getDocumentElement());
    }

    boolean is(String namespace, String name) {
        return namespace.equals(dom.getNamespaceURI()) && name.equals(dom.getLocalName());
    }

    List<XmlElement> children() {
        var found = new ArrayList<XmlElement>();
        for (var node = dom.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                found.add(new XmlElement(element));
            }
        }
        return found;
    }

    List<XmlElement> children(String namespace, String name) {
        return children().stream().filter(child -> child.is(namespace, name)).toList();
    }

    /** Fails as refused when there is more than one. */
    Optional<XmlElement> optional(String namespace, String name) {
        var found = children(namespace, name);
        if (found.size() > 1) {
            throw Saml.refused("%s has more than one %s".formatted(dom.getLocalName(), name));
        }
        return found.stream().findFirst();
    }

    /** Fails as refused when there is none, or more than one. */
    XmlElement only(String namespace, String name) {
        return optional(namespace, name)
                .orElseThrow(() -> Saml.refused("%s has no %s".formatted(dom.getLocalName(), name)));
    }

    /** How many there are in it, at any depth. */
    int count(String namespace, String name) {
        return dom.getElementsByTagNameNS(namespace, name).getLength();
    }

    /** Empty when it is not there, or holds nothing. */
    Optional<String> attribute(String name) {
        return Optional.of(dom.getAttribute(name)).filter(value -> !value.isEmpty());
    }

    String required(String name) {
        return attribute(name).orElseThrow(() -> Saml.refused("%s has no %s".formatted(dom.getLocalName(), name)));
    }

    /** In UTC where it does not say, as SAML has it. */
    Optional<Instant> time(String name) {
        return attribute(name).map(text -> {
            try {
                return OffsetDateTime.parse(text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$") ? text : text + "Z")
                        .toInstant();
            } catch (DateTimeException odd) {
                throw Saml.refused("%s is no time".formatted(name), odd);
            }
        });
    }

    /** All of it, without the white space around it. Fails as refused when there is more than text. */
    String text() {
        var text = new StringBuilder();
        for (Node node = dom.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (!(node instanceof Text)) {
                throw Saml.refused("%s holds more than text".formatted(dom.getLocalName()));
            }
            text.append(node.getNodeValue());
        }
        return text.toString().strip();
    }
}
