package org.pganalytics.identity.ldap;

import java.util.Optional;
import org.pganalytics.model.Role;

/**
 * Somebody as the directory has them.
 *
 * @param id stays whatever they are called
 * @param name of lower case; maybe none that a person may have here
 * @param role the highest that their groups give; empty when these give none
 */
record DirectoryPerson(String dn, String id, String name, Optional<Role> role) {}
