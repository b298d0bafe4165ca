package org.pganalytics.identity.ldap;

import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pganalytics.model.Role;

/** Finds the role that somebody's groups give, and the groups of these; asks for those of each group once. */
final class GroupRoles {
    /** Of one person, directly and through others: a directory in which these are more is not walked on. */
    private static final int GROUPS_MAX = 1_000;

    private final LdapConfig config;
    private final LDAPConnection connection;
    private final Map<String, List<String>> above = new HashMap<>();

    GroupRoles(LdapConfig config, LDAPConnection connection) {
        this.config = config;
        this.connection = connection;
    }

    /** The highest one. */
    Optional<Role> of(String person) throws LDAPException {
        var groups = groups(person);
        for (var role : config.roles().byRole().entrySet()) {
            for (var group : role.getValue()) {
                if (groups.contains(normal(group))) {
                    return Optional.of(role.getKey());
                }
            }
        }
        return Optional.empty();
    }

    /** Level by level; a group that was seen is not looked at again, so that circles end. */
    private Set<String> groups(String person) throws LDAPException {
        var level = holding(person);
        var seen = new HashSet<String>(level);
        for (int depth = 0; depth < config.groupDepth() && !level.isEmpty(); depth++) {
            var next = new ArrayList<String>();
            for (var group : level) {
                for (var higher : holdingGroup(group)) {
                    if (seen.add(higher)) {
                        next.add(higher);
                    }
                }
                requireFew(seen, person);
            }
            level = next;
        }
        return seen;
    }

    private static void requireFew(Set<String> seen, String person) throws LDAPException {
        if (seen.size() > GROUPS_MAX) {
            throw new LDAPException(
                    ResultCode.SIZE_LIMIT_EXCEEDED, "%s is in more than %d groups".formatted(person, GROUPS_MAX));
        }
    }

    private List<String> holdingGroup(String group) throws LDAPException {
        var known = above.get(group);
        if (known == null) {
            known = holding(group);
            above.put(group, known);
        }
        return known;
    }

    private List<String> holding(String member) throws LDAPException {
        var request = new SearchRequest(
                config.groupBase(),
                SearchScope.SUB,
                Filter.createEqualityFilter(config.groupMember(), member),
                SearchRequest.NO_ATTRIBUTES);
        var found = new ArrayList<String>();
        for (var entry : connection.search(request).getSearchEntries()) {
            found.add(normal(entry.getDN()));
        }
        return found;
    }

    private static String normal(String dn) throws LDAPException {
        return DN.normalize(dn);
    }
}
