package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.awaitility.core.TerminalFailureException;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.database.StandbyPair;
import org.pganalytics.database.TestDatabase;

/**
 * Three servers behind Debian's HAProxy with the file we ship, a database with a synchronous standby, Redis, a fleet that
 * verifies what was acknowledged, and lines between them: all real processes, and whatever can be done to them.
 */
final class FaultHouse implements AutoCloseable {
    private static final int STARTS_MAX = 3;
    private static final Duration FENCED = Duration.ofSeconds(2);
    private static final Duration FOR_EVER = Duration.ofDays(6);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Path passfile;
    final RandomGenerator random;
    final FaultDisk disk;
    final StandbyPair pair;
    final ThreeServers servers;
    final RealRedis redis;
    final FaultLine fleetLine;
    final List<FaultLine> databaseLines = new ArrayList<>();
    final FaultVersions versions;
    final FaultLeads leads = new FaultLeads(this);
    private final TestDatabase database;
    private final Balancer toPrimary;
    private final List<VerifiedLoad> loads = new ArrayList<>();

    /** @param home of the databases; made */
    FaultHouse(Path home, RandomGenerator random, FaultVersions versions) throws Exception {
        this.random = random;
        this.versions = versions;
        try {
            disk = FaultDisk.on(home);
            pair = kept(new StandbyPair(home));
            database = pair.create();
            for (int port : pair.ports()) {
                databaseLines.add(kept(new FaultLine(port, random)));
            }
            passfile = Files.writeString(
                    home.resolve("fleet.pass"), "*:*:*:*:" + primary().address().password());
            redis = kept(RealRedis.start());
            toPrimary = kept(new Balancer(primaryPort()));
            servers = kept(ThreeServers.start(environment(), versions.first()));
            var balancer = kept(RealBalancer.haproxy("pganalytics.cfg", servers, null));
            fleetLine = kept(new FaultLine(balancer.tcpPort(), random));
        } catch (Exception | Error failed) {
            close();
            throw failed;
        }
    }

    private <T extends AutoCloseable> T kept(T one) {
        open.add(0, one);
        return one;
    }

    private Map<String, String> environment() {
        var by = StandbyPair.by(databaseLines.stream().map(FaultLine::port).toList(), database.address());
        var all = new HashMap<>(Map.of(
                "PGANALYTICS_DATABASE_URL",
                by.url(),
                "PGANALYTICS_DATABASE_PASSWORD",
                by.password(),
                "PGANALYTICS_TCP_PROXY_PROTOCOL_ADDRESSES",
                "127.0.0.1",
                "PGANALYTICS_HTTP_PROXY_PROTOCOL_ADDRESSES",
                "127.0.0.1"));
        // The version before knows no Redis.
        if (!versions.isMixed()) {
            all.put("PGANALYTICS_REDIS_URLS", redis.url());
        }
        return all;
    }

    /** The database as its superuser sees it on the primary. */
    TestDatabase primary() {
        return pair.onPrimary(database);
    }

    TestDatabase old() {
        return pair.onStandby(database);
    }

    private int primaryPort() {
        return primary().address().hosts().get(0).port();
    }

    /** The promoted one is the primary from now on, also for who verifies. */
    void changeRoles() {
        pair.changeRoles();
        toPrimary.moveTo(primaryPort());
    }

    /**
     * The primary says nothing any more: promotes the standby, as whoever watches over both does after a moment, and makes
     * the old one the new standby. Where that one only stood still it wakes up before, and must not be able to commit.
     *
     * @return until the promoted one takes writes
     */
    FaultSpan failOver(long fromMillis) throws Exception {
        FaultSpan.pause(random.nextInt(500, 2_000));
        pair.promote();
        var span = new FaultSpan(fromMillis, System.currentTimeMillis());
        changeRoles();
        awaitFlow();
        FaultSpan.pause(5_000);
        pair.wakeStandby();
        assertFenced();
        pair.remakeStandby();
        return span;
    }

    /** Commits on the old primary wait for a standby that is none of its any more, so none returns. */
    private void assertFenced() {
        if (pair.isStandbyUp() && pair.commitsOnStandby(FENCED)) {
            throw new IllegalStateException("the old primary takes writes");
        }
    }

    /** Starts a part of the fleet. @param arguments of {@code load}: how many collectors, how often, which families */
    void send(String... arguments) throws IOException {
        var all = new ArrayList<>(List.of(
                "--server=127.0.0.1:" + fleetLine.port(),
                "--registration-secret=" + ThreeServers.SECRET,
                "--duration=" + FOR_EVER.toSeconds(),
                "--mode=tcp",
                "--database-url=" + verifiedUrl()));
        all.addAll(List.of(arguments));
        loads.add(kept(VerifiedLoad.start(
                Program.folder("faults-load"),
                Map.of("PGANALYTICS_DATABASE_PASSFILE", passfile.toString()),
                all.toArray(String[]::new))));
    }

    private String verifiedUrl() {
        return StandbyPair.by(List.of(toPrimary.port()), primary().address()).url();
    }

    /** The fleet sends no more; what became of it is to be seen when it has ended. */
    List<VerifiedLoad> finish() throws IOException, InterruptedException {
        for (var load : loads) {
            load.finish();
        }
        return loads;
    }

    /** Returns when every server is ready and the fleet's rows are stored. */
    void awaitCalm() throws Exception {
        servers.all().forEach(Program::untilReady);
        awaitFlow();
    }

    private void awaitFlow() {
        long before = rows();
        Awaitility.await("rows flow")
                .atMost(PATIENCE)
                .failFast("the fleet has ended", () -> !loads.stream().allMatch(VerifiedLoad::isAlive))
                .until(() -> rows() > before);
    }

    long rows() {
        return primary().number("SELECT coalesce(sum(mark), 0) FROM ledger");
    }

    /** Starts a server that has ended; returns when it is ready. */
    void again(int server) throws Exception {
        again(server, Map.of());
    }

    /** The same with more in its environment; as a supervisor does, once more where it ends before it is ready. */
    void again(int server, Map<String, String> more) throws Exception {
        var version = versions.next(server);
        for (int tries = 1; tries < STARTS_MAX; tries++) {
            try {
                servers.comesBack(server, version, more).untilReady();
                return;
            } catch (TerminalFailureException ended) {
                System.err.println("a server did not start: " + ended.getMessage());
            }
        }
        servers.comesBack(server, version, more).untilReady();
    }

    /** For whoever compares it with what the fleet tells. @param server from 0 */
    void tell(int server, String what) {
        System.err.printf(
                "%s server %d (%s version) %s%n",
                FaultRun.time(System.currentTimeMillis()),
                server + 1,
                versions.isOurs(server) ? "this" : "the earlier",
                what);
    }

    @Override
    public void close() throws Exception {
        Exception first = null;
        for (var one : open) {
            try {
                one.close();
            } catch (Exception failed) {
                first = first == null ? failed : first;
            }
        }
        open.clear();
        if (first != null) {
            throw first;
        }
    }
}
