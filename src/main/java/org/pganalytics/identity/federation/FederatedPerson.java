package org.pganalytics.identity.federation;

import java.util.Optional;
import org.pganalytics.model.Role;

/**
 * Somebody as a provider has them, proven.
 *
 * @param subject what it calls them for ever: 1 to 255 bytes; it alone says who they are
 * @param name what they want to be called here, of lower case; maybe none that a person may have
 * @param role the highest that their groups give; empty when these give none
 */
public record FederatedPerson(Provider provider, String subject, String name, Optional<Role> role) {}
