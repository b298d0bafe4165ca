package org.pganalytics.identity.ldap;

import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.controls.SimplePagedResultsControl;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Looks people up in the directory, and tries their passwords there. Blocking, thread-safe. */
final class Directory {
    /** The password is not theirs, or they may not sign in with it: told alike. */
    private static final Set<ResultCode> WRONG = Set.of(
            ResultCode.INVALID_CREDENTIALS,
            ResultCode.INAPPROPRIATE_AUTHENTICATION,
            ResultCode.CONSTRAINT_VIOLATION,
            ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
            ResultCode.UNWILLING_TO_PERFORM,
            ResultCode.NO_SUCH_OBJECT);

    private final LdapConfig config;
    private final LdapServers servers;

    /**
     * All that it has.
     *
     * @param absentGroups groups with a role that are not there, or that who searches may not see
     */
    record Snapshot(List<DirectoryPerson> people, List<String> absentGroups) {}

    Directory(LdapConfig config) {
        this.config = config;
        this.servers = new LdapServers(config);
    }

    /** Looks for them alone. Empty when there is none, or more than one. Fails with DIRECTORY_DOWN. */
    Optional<DirectoryPerson> find(String name) {
        return servers.ask(connection -> find(connection, name));
    }

    /** Empty, too, when it is not their password or their groups give them no role. Fails with DIRECTORY_DOWN. */
    Optional<DirectoryPerson> verify(String name, String password) {
        if (password.isEmpty()) {
            // Many directories let anybody in who shows none.
            return find(name).filter(found -> false);
        }
        return servers.ask(connection -> {
            var found = find(connection, name).filter(person -> person.role().isPresent());
            return found.isPresent() && isTheirs(connection, found.get().dn(), password) ? found : Optional.empty();
        });
    }

    private static boolean isTheirs(LDAPConnection connection, String dn, String password) throws LDAPException {
        try {
            connection.bind(new SimpleBindRequest(dn, password));
            return true;
        } catch (LDAPException refused) {
            if (WRONG.contains(refused.getResultCode())) {
                return false;
            }
            throw refused;
        }
    }

    private Optional<DirectoryPerson> find(LDAPConnection connection, String name) throws LDAPException {
        var request = request(filter(name));
        request.setSizeLimit(2);
        var found = entries(connection, request);
        if (found.size() != 1) {
            return Optional.empty();
        }
        var person = person(found.get(0), new GroupRoles(config, connection));
        // Directories compare more loosely than names are told apart here.
        return Optional.of(person).filter(same -> same.name().equals(name));
    }

    /** With more than two there are some that came before the limit. */
    private static List<SearchResultEntry> entries(LDAPConnection connection, SearchRequest request)
            throws LDAPException {
        try {
            return connection.search(request).getSearchEntries();
        } catch (LDAPException failure) {
            if (failure.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
                return List.of();
            }
            throw failure;
        }
    }

    /** What was typed is a value and never part of the filter (RFC 4515). */
    Filter filter(String name) throws LDAPException {
        return Filter.create(config.userFilter().replace(LdapConfig.NAME, Filter.encodeValue(name)));
    }

    private SearchRequest request(Filter filter) {
        return new SearchRequest(
                config.userBase(), SearchScope.SUB, filter, config.nameAttribute(), config.idAttribute());
    }

    /** Everybody, those without a role included. Fails with DIRECTORY_DOWN unless all of them were told. */
    Snapshot all() {
        return servers.ask(connection -> {
            var roles = new GroupRoles(config, connection);
            var people = new ArrayList<DirectoryPerson>();
            for (var entry : everyEntry(connection)) {
                people.add(person(entry, roles));
            }
            return new Snapshot(people, absentGroups(connection));
        });
    }

    private List<SearchResultEntry> everyEntry(LDAPConnection connection) throws LDAPException {
        var request = request(Filter.create(config.userFilter().replace(LdapConfig.NAME, "*")));
        var all = new ArrayList<SearchResultEntry>();
        ASN1OctetString cookie = null;
        do {
            request.setControls(new SimplePagedResultsControl(config.pageSize(), cookie));
            var page = connection.search(request);
            all.addAll(page.getSearchEntries());
            if (all.size() > config.peopleMax()) {
                throw new LDAPException(
                        ResultCode.SIZE_LIMIT_EXCEEDED,
                        "it has more people than identity.ldap.people-max (%d)".formatted(config.peopleMax()));
            }
            cookie = next(page);
        } while (cookie != null);
        return all;
    }

    /** Null after the last page, and from servers that give all at once. */
    private static ASN1OctetString next(SearchResult page) throws LDAPException {
        var paging = SimplePagedResultsControl.get(page);
        return paging != null && paging.moreResultsToReturn() ? paging.getCookie() : null;
    }

    private List<String> absentGroups(LDAPConnection connection) throws LDAPException {
        var absent = new ArrayList<String>();
        for (var group : config.roles().all().toList()) {
            if (connection.getEntry(group, SearchRequest.NO_ATTRIBUTES) == null) {
                absent.add(group);
            }
        }
        return absent;
    }

    private DirectoryPerson person(SearchResultEntry entry, GroupRoles roles) throws LDAPException {
        var name = entry.getAttributeValue(config.nameAttribute());
        return new DirectoryPerson(
                entry.getDN(), id(entry), name == null ? "" : name.toLowerCase(Locale.ROOT), roles.of(entry.getDN()));
    }

    private String id(SearchResultEntry entry) throws LDAPException {
        boolean binary = config.idAttribute().equalsIgnoreCase("objectGUID");
        var bytes = entry.getAttributeValueBytes(config.idAttribute());
        if (bytes == null) {
            throw new LDAPException(
                    ResultCode.NO_SUCH_ATTRIBUTE,
                    "%s has no %s, or who searches may not see it".formatted(entry.getDN(), config.idAttribute()));
        }
        return binary ? HexFormat.of().formatHex(bytes) : entry.getAttributeValue(config.idAttribute());
    }
}
