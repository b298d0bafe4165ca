package org.pganalytics.model;

import java.time.Instant;
import java.util.UUID;

/**
 * A collector whose token was verified.
 *
 * @param generation the collector's generation the token was issued for; another one in the database means revoked
 * @param tokenExpiresAt a session outlives it, a new one does not start with it
 */
public record CollectorPrincipal(UUID collector, String name, int generation, Instant tokenExpiresAt) {}
