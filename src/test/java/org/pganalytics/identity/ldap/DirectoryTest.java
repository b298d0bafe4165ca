package org.pganalytics.identity.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchResult;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPResult;
import com.unboundid.ldap.sdk.ResultCode;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.FaultException;
import org.pganalytics.model.Role;

/** What is asked of a directory, quickly: of UnboundID's, in memory. */
class DirectoryTest {
    private static final String PASSWORD = "gravel-otter-71-lantern";

    private final List<String> binds = new CopyOnWriteArrayList<>();
    private volatile ResultCode endOfSearches = ResultCode.SUCCESS;
    private InMemoryDirectoryServer server;

    @BeforeEach
    void start() throws Exception {
        var config = new InMemoryDirectoryServerConfig(RealSlapd.BASE);
        config.setListenerConfigs(
                InMemoryListenerConfig.createLDAPConfig("test", InetAddress.getLoopbackAddress(), 0, null));
        config.addAdditionalBindCredentials(RealSlapd.SEARCHER, RealSlapd.SEARCHERS_PASSWORD);
        config.addInMemoryOperationInterceptor(new InMemoryOperationInterceptor() {
            @Override
            public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request) {
                binds.add(request.getRequest().getBindDN());
            }

            @Override
            public void processSearchResult(InMemoryInterceptedSearchResult result) {
                var before = result.getResult();
                if (before.getResultCode().equals(ResultCode.SUCCESS) && !endOfSearches.equals(ResultCode.SUCCESS)) {
                    result.setResult(new LDAPResult(before.getMessageID(), endOfSearches));
                }
            }
        });
        server = new InMemoryDirectoryServer(config);
        server.startListening();
        server.add(new Entry(RealSlapd.BASE, attributes("domain", "dc", "example")));
        for (var unit : List.of("people", "groups")) {
            server.add(
                    "dn: ou=%s,%s".formatted(unit, RealSlapd.BASE), "objectClass: organizationalUnit", "ou: " + unit);
        }
        person("bob");
        group("viewers", RealSlapd.person("bob"));
    }

    private static Attribute[] attributes(String objectClass, String name, String value) {
        return new Attribute[] {new Attribute("objectClass", objectClass), new Attribute(name, value)};
    }

    @AfterEach
    void stop() {
        server.shutDown(true);
    }

    private void person(String name) throws Exception {
        server.add(
                "dn: " + RealSlapd.person(name),
                "objectClass: inetOrgPerson",
                "uid: " + name,
                "cn: " + name,
                "sn: " + name,
                "userPassword: " + PASSWORD);
    }

    private void group(String name, String... members) throws Exception {
        var entry = new Entry(RealSlapd.group(name));
        entry.addAttribute("objectClass", "groupOfNames");
        entry.addAttribute("cn", name);
        entry.addAttribute("member", members);
        server.add(entry);
    }

    private Directory directory() {
        return new Directory(LdapConfigs.of(List.of("ldap://127.0.0.1:" + server.getListenPort()), false, null));
    }

    @Test
    void thePasswordIsTriedAsTheOneWhoWasFound() {
        assertEquals(
                Optional.of(Role.VIEWER), directory().verify("bob", PASSWORD).flatMap(DirectoryPerson::role));
        assertEquals(List.of(RealSlapd.SEARCHER, RealSlapd.person("bob")), binds);
    }

    @Test
    void anEmptyPasswordReachesNoBind() {
        assertEquals(Optional.empty(), directory().verify("bob", ""));
        assertEquals(List.of(RealSlapd.SEARCHER), binds);
    }

    @Test
    void noPasswordIsTriedOfWhoHasNoRole() throws Exception {
        person("nobodys");
        assertEquals(Optional.empty(), directory().verify("nobodys", PASSWORD));
        assertEquals(Optional.empty(), directory().verify("unheard-of", PASSWORD));
        assertEquals(List.of(RealSlapd.SEARCHER, RealSlapd.SEARCHER), binds);
    }

    @Test
    void twoEntriesOfOneNameAreNobody() throws Exception {
        server.add("dn: ou=more,ou=people," + RealSlapd.BASE, "objectClass: organizationalUnit", "ou: more");
        server.add(
                "dn: uid=bob,ou=more,ou=people," + RealSlapd.BASE,
                "objectClass: inetOrgPerson",
                "uid: bob",
                "cn: bob",
                "sn: bob",
                "userPassword: " + PASSWORD);
        assertEquals(Optional.empty(), directory().verify("bob", PASSWORD));
    }

    @Test
    void whatWasNotReadToItsEndIsNotTakenForAll() {
        assertEquals(1, directory().all().people().size());
        for (var end : List.of(
                ResultCode.SIZE_LIMIT_EXCEEDED,
                ResultCode.TIME_LIMIT_EXCEEDED,
                ResultCode.ADMIN_LIMIT_EXCEEDED,
                ResultCode.NO_SUCH_OBJECT,
                ResultCode.UNAVAILABLE)) {
            endOfSearches = end;
            assertThrows(FaultException.class, () -> directory().all(), end::getName);
        }
    }

    @Test
    void groupsThatAreNotThereAreTold() {
        assertTrue(directory().all().absentGroups().contains(RealSlapd.group("admins")));
    }
}
