package org.pganalytics.identity.saml;

/** A signature is by no key of the identity provider that is known; it may have new ones. */
final class UnknownKeyException extends Exception {
    UnknownKeyException() {
        super("signed by no key of the identity provider's metadata");
    }
}
