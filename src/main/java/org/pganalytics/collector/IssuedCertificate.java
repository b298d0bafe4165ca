package org.pganalytics.collector;

/** What a server answers to who asks for a certificate. @param certificate PEM, the authority's after it */
record IssuedCertificate(String certificate, long lifetimeMillis) {}
