package org.pganalytics.identity;

import org.pganalytics.identity.factor.SecondFactors;

/** By what people prove here who they are. */
public record Credentials(Passwords passwords, PersonCodes codes, SecondFactors factors) {}
