/**
 * What every HTTP route of every room shares: the one renderer of refusals, the bearer token. No route and no listener
 * belongs here: those live in the room whose purpose they serve.
 */
package org.pganalytics.http;
