package org.pganalytics.cluster;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way to Redis. It is up, or it is not and every call fails at once: nothing waits for Redis to come back.
 *
 * <p>A connection that fails, or does not answer in time, is thrown away with its client and everything under way on it,
 * and made anew after a pause that grows: so a Redis that is frozen holds nothing, and a cluster or its sentinels are asked
 * anew who is the master. Safe to share between event loops.
 */
public final class RedisLink {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(100);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(1);
    /** One that is lost sooner does not let the next come sooner. */
    private static final Duration GOOD_AFTER = Duration.ofSeconds(5);

    private static final RedisScript GREET = RedisScript.of("""
            redis.call('TIME')
            return redis.call('SET', KEYS[1], 'hello', 'PX', 60000)
            """);

    /** Answers that are about the call, not about Redis: the next call may go well. */
    private static final Set<String> OF_THE_CALL = Set.of("NOSCRIPT", "ERR", "WRONGTYPE");

    private final Vertx vertx;
    private final RedisConfig config;
    private final DoubleSupplier random;
    private final AtomicInteger pending = new AtomicInteger();
    private final Counter failed;
    private final Timer duration;
    private final List<BiConsumer<Boolean, String>> onChange = new CopyOnWriteArrayList<>();
    private volatile Line line;
    private volatile String problem = "not connected yet";
    private volatile boolean stopped;
    private Context context;
    private long pauseMillis = PAUSE_MIN.toMillis();
    private long probeTimer = -1;

    /** A client and its only connection: they come and go together. */
    private record Line(Redis client, RedisConnection connection, long sinceNanos) {
        boolean wasGood() {
            return System.nanoTime() - sinceNanos > GOOD_AFTER.toNanos();
        }
    }

    /** @param random 0 to 1 */
    public RedisLink(Vertx vertx, RedisConfig config, DoubleSupplier random, MeterRegistry registry) {
        this.vertx = vertx;
        this.config = config;
        this.random = random;
        this.failed = registry.counter("pganalytics.redis.calls.failed");
        this.duration = registry.timer("pganalytics.redis.call");
        registry.gauge("pganalytics.redis.calls.pending", pending);
        registry.gauge("pganalytics.redis.up", this, link -> link.isUp() ? 1 : 0);
    }

    /** Completes after the first attempt, whatever came of it; goes on trying until {@link #stop}. */
    public Future<Void> start() {
        context = vertx.getOrCreateContext();
        probeTimer = vertx.setPeriodic(PROBE_EVERY.toMillis(), tick -> call(Request.cmd(Command.PING)));
        return connect();
    }

    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(probeTimer);
        var last = line;
        line = null;
        return last == null ? Future.succeededFuture() : last.client.close();
    }

    public boolean isUp() {
        return line != null;
    }

    /** Whether more calls may begin that can as well begin later. */
    public boolean hasRoom() {
        return pending.get() < config.callsMax() / 2;
    }

    /** Why it is not up; empty while it is. */
    public Optional<String> problem() {
        return isUp() ? Optional.empty() : Optional.of(problem);
    }

    public RedisConfig config() {
        return config;
    }

    /** A key of ours. @param about what stands in braces decides which node of a cluster has it */
    public String key(String about) {
        return config.prefix() + ":" + about;
    }

    /**
     * Calls back with whether it is up, and why not, when that changes and with each attempt that fails; on the link's event
     * loop.
     */
    public void onChange(BiConsumer<Boolean, String> listener) {
        onChange.add(listener);
    }

    /** Fails at once when Redis is away or too many calls are under way, else within the call timeout. */
    public Future<Response> call(Request request) {
        var on = line;
        if (on == null) {
            return Future.failedFuture("Redis is away: " + problem);
        }
        if (pending.incrementAndGet() > config.callsMax()) {
            pending.decrementAndGet();
            failed.increment();
            return Future.failedFuture("too many calls of Redis are under way");
        }
        long began = System.nanoTime();
        return on.connection
                .send(request)
                .timeout(config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(done -> pending.decrementAndGet())
                .onSuccess(answer -> duration.record(System.nanoTime() - began, TimeUnit.NANOSECONDS))
                .onFailure(failure -> judge(on, failure));
    }

    /** Runs a script that Redis knows by its name, and tells it the text when it does not. */
    public Future<Response> run(RedisScript script, List<String> keys, List<String> arguments) {
        return call(evaluate(Command.EVALSHA, script.sha1(), keys, arguments))
                .recover(failure -> code(failure).equals("NOSCRIPT")
                        ? call(evaluate(Command.EVAL, script.text(), keys, arguments))
                        : Future.failedFuture(failure));
    }

    private static Request evaluate(Command command, String script, List<String> keys, List<String> arguments) {
        var request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        arguments.forEach(request::arg);
        return request;
    }

    private void judge(Line on, Throwable failure) {
        var code = code(failure);
        if (!code.equals("NOSCRIPT")) {
            failed.increment();
        }
        if (!OF_THE_CALL.contains(code)) {
            context.runOnContext(run -> lost(on, said(failure)));
        }
    }

    /** The first word of what Redis answered. */
    private static String code(Throwable failure) {
        return said(failure).split(" ", 2)[0];
    }

    private static String said(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    private Future<Void> connect() {
        if (stopped) {
            return Future.succeededFuture();
        }
        var client = RedisClients.make(vertx, config);
        return client.connect()
                .compose(this::greet)
                .timeout(config.connectTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(connection -> stands(new Line(client, connection, System.nanoTime())))
                .onFailure(failure -> retry(client, failure))
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    /**
     * By a script that writes, in a call's time: a replica, a full memory, a user who may not and a Redis that is too slow
     * are found out before anything relies on it.
     */
    private Future<RedisConnection> greet(RedisConnection connection) {
        return connection
                .send(evaluate(Command.EVAL, GREET.text(), List.of(key("greeting")), List.of()))
                .timeout(config.callTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .map(connection);
    }

    private void stands(Line made) {
        if (stopped) {
            made.client.close();
            return;
        }
        made.connection.exceptionHandler(failure -> context.runOnContext(run -> lost(made, said(failure))));
        made.connection.endHandler(ended -> context.runOnContext(run -> lost(made, "the connection was closed")));
        line = made;
        LOG.info("Redis is connected: {}", config);
        onChange.forEach(listener -> listener.accept(true, ""));
    }

    private void lost(Line gone, String why) {
        if (!gone.equals(line) || stopped) {
            return;
        }
        line = null;
        problem = why;
        if (gone.wasGood()) {
            pauseMillis = PAUSE_MIN.toMillis();
        }
        LOG.warn("Redis is away, each server goes on with its own part of the limits: {}", why);
        onChange.forEach(listener -> listener.accept(false, why));
        again(gone.client);
    }

    private void retry(Redis client, Throwable failure) {
        if (!said(failure).equals(problem)) {
            problem = said(failure);
            LOG.warn("Redis cannot be connected: {}", problem);
        }
        // Each time: who began to listen meanwhile has not heard of it yet.
        onChange.forEach(listener -> listener.accept(false, problem));
        again(client);
    }

    /** Whoever is lost with the others does not come back in one moment with them. */
    private void again(Redis client) {
        client.close().onFailure(failure -> LOG.debug("a client of Redis could not be closed", failure));
        long pause = (long) (pauseMillis * (0.5 + 0.5 * random.getAsDouble()));
        pauseMillis = Math.min(config.retryMax().toMillis(), pauseMillis * 2);
        context.runOnContext(run -> vertx.setTimer(Math.max(1, pause), tick -> connect()));
    }
}
