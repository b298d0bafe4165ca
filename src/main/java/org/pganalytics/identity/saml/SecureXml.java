package org.pganalytics.identity.saml;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads XML that strangers sent: without a document type, so that no entity grows and nothing is fetched; not deep; without
 * its comments, which no text is cut at then. Takes time by the size, which its callers limit.
 */
final class SecureXml {
    private static final String NO_DOCUMENT_TYPE = "http://apache.org/xml/features/disallow-doctype-decl";
    private static final String DEPTH = "jdk.xml.maxElementDepth";
    private static final String DEPTH_MAX = "40";
    private static final String ATTRIBUTES = "jdk.xml.elementAttributeLimit";
    private static final String ATTRIBUTES_MAX = "40";

    private SecureXml() {}

    static Document parse(byte[] xml) throws SAXException {
        try {
            var builder = builder();
            builder.setErrorHandler(new Strict());
            return builder.parse(new ByteArrayInputStream(xml));
        } catch (IOException odd) {
            throw new SAXException("bytes that are no text", odd);
        }
    }

    /** The Java runtime's own, whatever else is on the class path. */
    private static DocumentBuilder builder() {
        try {
            var factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(NO_DOCUMENT_TYPE, true);
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
            factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
            factory.setAttribute(DEPTH, DEPTH_MAX);
            factory.setAttribute(ATTRIBUTES, ATTRIBUTES_MAX);
            factory.setNamespaceAware(true);
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            factory.setIgnoringComments(true);
            return factory.newDocumentBuilder();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("this Java runtime cannot read XML safely", e);
        }
    }

    /** Prints nothing. */
    private static final class Strict implements ErrorHandler {
        @Override
        public void warning(SAXParseException odd) throws SAXException {
            throw odd;
        }

        @Override
        public void error(SAXParseException odd) throws SAXException {
            throw odd;
        }

        @Override
        public void fatalError(SAXParseException odd) throws SAXException {
            throw odd;
        }
    }
}
