/**
 * People who sign in at an identity provider that speaks SAML 2.0: what is asked of it, and every check of what it answers.
 * It only says who somebody is there; whom that makes them here, and their session, do not belong here.
 */
package org.pganalytics.identity.saml;
