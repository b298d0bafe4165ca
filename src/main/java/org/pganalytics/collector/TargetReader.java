package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.pganalytics.collector.Condition.State;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one target, each family at its interval; what goes wrong here touches no other target. Its families start at one
 * moment, so that those of a tick share a batch: that takes fewer bytes. Targets start at different ones.
 */
final class TargetReader {
    private static final Logger LOG = LoggerFactory.getLogger(TargetReader.class);
    private static final long TICK_MILLIS = 100;
    private final Vertx vertx;
    private TargetConfig config;
    private final Outlet outlet;
    private final IntSupplier version;
    private final Map<Source, FamilyReader> readers = new HashMap<>();
    private final List<FamilyJob> jobs = new ArrayList<>();
    private final Rounds rounds = new Rounds();
    private final FailureLog failures;
    /** Of families that are not read at present; one may still be running. */
    private final Map<String, FamilyJob> resting = new HashMap<>();

    private List<MetricFamily> declared = List.of();
    private Pace pace;
    private Phase phase;
    private Condition away;
    private long ticker = -1;

    /** @param version of the target, 0 until it is known */
    TargetReader(Vertx vertx, TargetConfig config, Outlet outlet, IntSupplier version) {
        this.vertx = vertx;
        this.config = config;
        this.outlet = outlet;
        this.version = version;
        this.failures = new FailureLog(line -> LOG.warn("target {}, {}", config.name(), line));
    }

    /** To be called before {@link #start}. */
    void reads(Source source, FamilyReader reader) {
        readers.put(source, reader);
    }

    /**
     * Begins to read those families for whose source there is a reader.
     *
     * @param firstWithin within which time they are read for the first time, unless an interval is shorter
     */
    void start(List<MetricFamily> families, Pace pace, Duration firstWithin) {
        this.phase = new Phase(config.name());
        this.pace = pace;
        declared = families;
        var read = families.stream().filter(this::isRead).toList();
        long within =
                read.stream().mapToLong(family -> interval(family).toNanos()).reduce(firstWithin.toNanos(), Math::min);
        long first = System.nanoTime() + phase.of(within);
        read.forEach(family -> jobs.add(new FamilyJob(family, interval(family), phase, pace, first)));
        ticker = vertx.setPeriodic(TICK_MILLIS, tick -> tick());
    }

    /** Whether that only asks for other families, or other intervals, over the connections that there are. */
    boolean canFollow(TargetConfig fresh, List<MetricFamily> families) {
        return config.isReadLike(fresh)
                && families.equals(declared)
                && dictionaries(fresh).equals(dictionaries(config));
    }

    /** The texts that explain samples are read with these, in their reader's own time. */
    private Set<String> dictionaries(TargetConfig of) {
        return declared.stream()
                .filter(family -> family.kind() == Kind.DICTIONARY)
                .map(MetricFamily::name)
                .filter(of.skip()::contains)
                .collect(Collectors.toSet());
    }

    /** Reads by this from now on; what stays as it was goes on as if nothing had happened. */
    void follow(TargetConfig fresh) {
        config = fresh;
        long now = System.nanoTime();
        jobs.stream().filter(job -> !isRead(job.family())).toList().forEach(this::rest);
        jobs.forEach(job -> job.follow(interval(job.family()), now));
        declared.stream()
                .filter(this::isRead)
                .filter(family -> jobs.stream().noneMatch(job -> job.family().equals(family)))
                .forEach(family -> begin(family, now));
    }

    private void rest(FamilyJob job) {
        jobs.remove(job);
        resting.put(job.family().name(), job);
    }

    private void begin(MetricFamily family, long now) {
        var before = resting.remove(family.name());
        var job = before == null ? new FamilyJob(family, interval(family), phase, pace, now) : before;
        job.follow(interval(family), now);
        jobs.add(job);
    }

    private Duration interval(MetricFamily family) {
        return config.intervals().getOrDefault(family.name(), family.interval());
    }

    private boolean isRead(MetricFamily family) {
        return family.kind() == Kind.SAMPLES
                && readers.containsKey(family.reading().source())
                && !config.skip().contains(family.name());
    }

    private void tick() {
        long now = System.nanoTime();
        failures.look(now);
        for (var job : jobs) {
            if (job.start(now)) {
                run(job);
            }
        }
    }

    Future<Void> close() {
        vertx.cancelTimer(ticker);
        return Future.join(readers.values().stream().map(FamilyReader::close).toList())
                .mapEmpty();
    }

    /** The server may lack texts and rows it was told before. */
    void forget() {
        outlet.forget();
        readers.values().forEach(FamilyReader::forget);
    }

    /** Another version, or another run of the server, may have what the one before had not. */
    void tryAgain() {
        long now = System.nanoTime();
        jobs.forEach(job -> job.tryAgain(now));
    }

    List<FamilyJob> jobs() {
        return List.copyOf(jobs);
    }

    /** Collected since the start. */
    long rows() {
        return outlet.rows();
    }

    TargetStatus status() {
        return new TargetStatus(
                config.name(),
                version.getAsInt(),
                outlet.rows(),
                jobs.stream().mapToLong(FamilyJob::skipped).sum(),
                rounds.longest(),
                messages(condition -> condition.state() == State.FAILING || condition.state() == State.AWAY),
                messages(Condition::lasts));
    }

    private Map<String, String> messages(Predicate<Condition> which) {
        Map<String, String> messages = new HashMap<>();
        for (var job : jobs) {
            if (!job.isWell()) {
                job.condition()
                        .filter(which)
                        .ifPresent(condition -> messages.put(job.family().name(), condition.message()));
            }
        }
        return messages;
    }

    private void run(FamilyJob job) {
        rounds.begin(System.nanoTime());
        // Within a future: what a reader throws is a failure like another, else the job would seem to run for ever.
        Future.<Void>succeededFuture()
                .compose(begin -> readers.get(job.family().reading().source()).read(job.family()))
                .onComplete(read -> rounds.end(System.nanoTime()))
                .onSuccess(found -> answered(job, found))
                .onFailure(failure -> failed(job, Condition.of(failure)));
    }

    private void answered(FamilyJob job, Condition found) {
        if (job.succeeded(found) && found.lasts()) {
            tellLasting(job.family().name(), found, "in the other databases it is read on");
        }
        if (away != null && job.family().reading().source() != Source.AGENT) {
            away = null;
            LOG.info("target {}: it answers again", config.name());
        }
    }

    /** What lasts is said once for each family; what passes, once a minute for all of them. */
    private void failed(FamilyJob job, Condition condition) {
        long now = System.nanoTime();
        boolean news = job.failed(condition, now);
        if (condition.state() == State.AWAY) {
            away(condition, now);
        } else if (news && condition.lasts()) {
            tellLasting(job.family().name(), condition, "the other families go on");
        } else if (news) {
            failures.failed("family %s: %s".formatted(job.family().name(), condition.message()), now);
        }
    }

    /** Said once for all families, and once for each reason. */
    private void away(Condition condition, long nowNanos) {
        if (!condition.equals(away)) {
            away = condition;
            failures.failed(condition.message() + "; it is tried again until it answers", nowNanos);
        }
    }

    private void tellLasting(String family, Condition condition, String rest) {
        if (condition.state() == State.UNSUPPORTED) {
            LOG.info("target {}, family {}: {}", config.name(), family, condition.message());
        } else {
            LOG.warn(
                    "target {}, family {}: {}; {}, this is tried again now and then",
                    config.name(),
                    family,
                    condition.message(),
                    rest);
        }
    }
}
