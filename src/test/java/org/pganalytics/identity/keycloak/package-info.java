/** A real Keycloak for the tests of signing in by OpenID Connect and SAML, and a browser before it. */
package org.pganalytics.identity.keycloak;
