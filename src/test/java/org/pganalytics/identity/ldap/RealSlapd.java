package org.pganalytics.identity.ldap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.pganalytics.house.TestFolders;
import org.pganalytics.tls.TestAuthority;
import org.pganalytics.tls.TestCertificate;

/**
 * Debian's OpenLDAP as a process of its own with a folder of its own, on free ports of loopback; ended by its process id. It
 * asks for TLS or refuses whoever binds.
 */
public final class RealSlapd implements AutoCloseable {
    public static final String BASE = "dc=example,dc=org";
    public static final String SEARCHER = "cn=searcher," + BASE;
    public static final String SEARCHERS_PASSWORD = "searching-is-all-it-may-do";
    private static final String MANAGER = "cn=manager," + BASE;
    private static final String MANAGERS_PASSWORD = "manager-of-this-test";
    private static final Path PROGRAM = Path.of("/usr/sbin/slapd");

    private final Path folder;
    private final Path program;
    private final int port;
    private final int tlsPort;
    private Process process;

    private RealSlapd(Path folder, Path program, int port, int tlsPort) {
        this.folder = folder;
        this.program = program;
        this.port = port;
        this.tlsPort = tlsPort;
    }

    /** Skips the test where it is missing. @param certificate that it shows */
    public static RealSlapd start(TestAuthority authority, TestCertificate certificate) throws Exception {
        assumeTrue(Files.isExecutable(PROGRAM), "there is no " + PROGRAM + "; on Debian: apt-get install slapd");
        var folder = TestFolders.make("slapd");
        // A copy, since AppArmor lets Debian's own read its own folders only.
        var program = Files.copy(PROGRAM, folder.resolve("slapd"));
        Files.createDirectory(folder.resolve("db"));
        Files.writeString(folder.resolve("slapd.conf"), config(folder, authority, certificate));
        var slapd = new RealSlapd(folder, program, freePort(), freePort());
        slapd.startAgain();
        slapd.add("""
                dn: %1$s
                objectClass: dcObject
                objectClass: organization
                o: example
                dc: example

                dn: ou=people,%1$s
                objectClass: organizationalUnit
                ou: people

                dn: ou=groups,%1$s
                objectClass: organizationalUnit
                ou: groups

                dn: %2$s
                objectClass: organizationalRole
                objectClass: simpleSecurityObject
                cn: searcher
                userPassword: %3$s
                """.formatted(BASE, SEARCHER, SEARCHERS_PASSWORD));
        return slapd;
    }

    /** As many directories do, it lets somebody in who shows a name and no password. */
    private static String config(Path folder, TestAuthority authority, TestCertificate certificate) {
        return """
                include /etc/ldap/schema/core.schema
                include /etc/ldap/schema/cosine.schema
                include /etc/ldap/schema/inetorgperson.schema
                modulepath /usr/lib/ldap
                moduleload back_mdb
                pidfile %1$s/slapd.pid
                allow bind_anon_cred bind_anon_dn
                TLSCACertificateFile %2$s
                TLSCertificateFile %3$s
                TLSCertificateKeyFile %4$s
                sizelimit size.soft=50 size.hard=50 size.prtotal=unlimited
                database mdb
                maxsize 67108864
                suffix "%5$s"
                rootdn "%6$s"
                rootpw %7$s
                directory %1$s/db
                access to attrs=userPassword by anonymous auth by * none
                access to * by dn.exact="%8$s" read by * none
                """.formatted(
                        folder,
                        authority.certificate(),
                        certificate.certificate(),
                        certificate.key(),
                        BASE,
                        MANAGER,
                        MANAGERS_PASSWORD,
                        SEARCHER);
    }

    /** Where it was, with what it knew. */
    public void startAgain() throws IOException {
        var log = folder.resolve("slapd.log").toFile();
        process = new ProcessBuilder(
                        program.toString(),
                        "-d",
                        "0",
                        "-f",
                        folder.resolve("slapd.conf").toString(),
                        "-h",
                        "ldap://127.0.0.1:%d ldaps://127.0.0.1:%d".formatted(port, tlsPort))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        Awaitility.await("slapd listens; its output is in " + log)
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .failFast("slapd has ended; see " + log, () -> !process.isAlive())
                .until(() -> isOpen(port) && isOpen(tlsPort));
    }

    private static boolean isOpen(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    public static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public static String person(String name) {
        return "uid=%s,ou=people,%s".formatted(name, BASE);
    }

    public static String group(String name) {
        return "cn=%s,ou=groups,%s".formatted(name, BASE);
    }

    /** With their password. */
    public void addPerson(String name, String password) throws Exception {
        add("""
                dn: %s
                objectClass: inetOrgPerson
                uid: %s
                cn: %2$s
                sn: %2$s
                userPassword: %s
                """.formatted(person(name), name, password));
    }

    public void addGroup(String name, String... members) throws Exception {
        var ldif = new StringBuilder("dn: %s\nobjectClass: groupOfNames\ncn: %s\n".formatted(group(name), name));
        List.of(members)
                .forEach(member -> ldif.append("member: ").append(member).append('\n'));
        add(ldif.toString());
    }

    /** Puts entries of LDIF there. */
    public void add(String ldif) throws Exception {
        manage(ldif, "ldapadd");
    }

    /** Does what LDIF says. */
    public void modify(String ldif) throws Exception {
        manage(ldif, "ldapmodify");
    }

    public void addMember(String group, String member) throws Exception {
        modify("dn: %s\nchangetype: modify\nadd: member\nmember: %s\n".formatted(group(group), member));
    }

    public void removeMember(String group, String member) throws Exception {
        modify("dn: %s\nchangetype: modify\ndelete: member\nmember: %s\n".formatted(group(group), member));
    }

    public void delete(String dn) throws Exception {
        modify("dn: %s\nchangetype: delete\n".formatted(dn));
    }

    private void manage(String ldif, String program) throws Exception {
        var words = new ArrayList<>(List.of(program, "-x", "-H", url(), "-D", MANAGER, "-w", MANAGERS_PASSWORD));
        var running = new ProcessBuilder(words).redirectErrorStream(true).start();
        running.getOutputStream().write(ldif.getBytes(StandardCharsets.UTF_8));
        running.getOutputStream().close();
        var output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, running.waitFor(), output);
    }

    /** For StartTLS. */
    public String url() {
        return "ldap://127.0.0.1:" + port;
    }

    public String tlsUrl() {
        return "ldaps://127.0.0.1:" + tlsPort;
    }

    /** Stops it from doing anything, its connections stay; {@link #resume} lets it go on. */
    public void freeze() throws Exception {
        signal("STOP");
    }

    public void resume() throws Exception {
        signal("CONT");
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, "--", Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Ends it with kill -9. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }
}
