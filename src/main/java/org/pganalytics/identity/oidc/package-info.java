/**
 * Signing in by OpenID Connect, and by GitHub's OAuth: what is asked of a provider and what its answers must be. Whom they
 * let in does not belong here but to {@code identity.federation}.
 */
package org.pganalytics.identity.oidc;
