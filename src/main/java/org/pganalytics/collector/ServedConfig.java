package org.pganalytics.collector;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.pganalytics.collector.PullConfig.Allowed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration that a server hands out: taken as a whole or not at all, and kept on disk, so that the agent starts
 * with it when no server is there. Lives on one event loop.
 */
final class ServedConfig {
    private static final Logger LOG = LoggerFactory.getLogger(ServedConfig.class);
    private static final int NOTE_LENGTH_MAX = 500;

    private final Vertx vertx;
    private final Path file;
    private final PullConfig config;
    private final Function<String, EffectiveConfig> reading;
    private final EffectiveConfig own;
    private Function<EffectiveConfig, Future<Void>> taking = taken -> Future.succeededFuture();
    private EffectiveConfig inForce;
    private String running = "";
    private String refused = "";
    private String note = "";
    private boolean busy;

    /** What is told to the server; as in CONFIG_REQUEST. */
    record Report(String running, String refused, String note, Set<String> labels) {}

    private record Kept(String tag, String document) {}

    private ServedConfig(
            Vertx vertx, CollectorConfig own, EffectiveConfig alone, Function<String, EffectiveConfig> reading) {
        this.vertx = vertx;
        this.file = own.stateDir().resolve("server-config.json");
        this.config = own.pull();
        this.own = alone;
        this.reading = reading;
        this.inForce = alone;
    }

    /**
     * Takes what an earlier run kept, if it can still be read and is still allowed.
     *
     * @param alone what the agent works by without a server's word
     * @param reading lays a document over that
     */
    static Future<ServedConfig> open(
            Vertx vertx, CollectorConfig own, EffectiveConfig alone, Function<String, EffectiveConfig> reading) {
        var served = new ServedConfig(vertx, own, alone, reading);
        return vertx.executeBlocking(() -> {
            if (Files.exists(served.file) && own.pull().serverConfig() != Allowed.NONE) {
                served.takeKept();
            }
            return served;
        });
    }

    private void takeKept() {
        try {
            var json = new JsonObject(Files.readString(file));
            var kept = new Kept(json.getString("tag"), json.getString("document"));
            inForce = reading.apply(kept.document());
            running = kept.tag();
            note = shortened(inForce.note());
            LOG.info("configuration {} of the server, kept from before, is in force", running);
        } catch (Exception unreadable) {
            LOG.warn("the server's configuration kept in {} is not taken: {}", file, unreadable.getMessage());
        }
    }

    /** Where a configuration goes that is taken from now on. */
    void onTaken(Function<EffectiveConfig, Future<Void>> action) {
        taking = action;
    }

    EffectiveConfig inForce() {
        return inForce;
    }

    PullConfig config() {
        return config;
    }

    Report report() {
        return new Report(running, refused, note, new LinkedHashSet<>(config.labels()));
    }

    /**
     * Takes what a server answered.
     *
     * @param document empty when the server knows that it is here, or refused
     * @return whether there is something new to report
     */
    Future<Boolean> offered(String tag, Optional<String> document) {
        if (busy || tag.equals(refused) && !tag.isEmpty()) {
            return Future.succeededFuture(false);
        }
        if (tag.equals(running)) {
            boolean news = !refused.isEmpty();
            settle(running, inForce);
            return Future.succeededFuture(news);
        }
        if (tag.isEmpty()) {
            return take(tag, Optional.empty(), own);
        }
        return document.map(text -> read(tag, text)).orElse(Future.succeededFuture(false));
    }

    private Future<Boolean> read(String tag, String document) {
        if (config.serverConfig() == Allowed.NONE) {
            return Future.succeededFuture(refuse(tag, "the collector's server-config is none"));
        }
        try {
            return take(tag, Optional.of(document), reading.apply(document));
        } catch (RuntimeException wrong) {
            LOG.warn("configuration {} of the server is not taken: {}", tag, wrong.getMessage());
            return Future.succeededFuture(refuse(tag, wrong.getMessage()));
        }
    }

    private boolean refuse(String tag, String why) {
        refused = tag;
        note = shortened(String.valueOf(why));
        return true;
    }

    private Future<Boolean> take(String tag, Optional<String> document, EffectiveConfig effective) {
        busy = true;
        return keep(tag, document)
                .compose(kept -> taking.apply(effective))
                .onSuccess(taken -> {
                    settle(tag, effective);
                    LOG.info(
                            "{} is in force{}",
                            tag.isEmpty()
                                    ? "the collector's own configuration"
                                    : "configuration " + tag + " of the server",
                            note.isEmpty() ? "" : "; " + note);
                })
                .onComplete(done -> busy = false)
                .map(true);
    }

    private void settle(String tag, EffectiveConfig effective) {
        running = tag;
        refused = "";
        note = shortened(effective.note());
        inForce = effective;
    }

    /** A full disk keeps nobody from taking it: only the next start would know nothing of it. */
    private Future<Void> keep(String tag, Optional<String> document) {
        return vertx.<Void>executeBlocking(() -> {
                    if (document.isEmpty()) {
                        Files.deleteIfExists(file);
                    } else {
                        var kept = new JsonObject().put("tag", tag).put("document", document.get());
                        PrivateFiles.write(file, kept.encode());
                    }
                    return null;
                })
                .onFailure(failure -> LOG.warn(
                        "the server's configuration cannot be kept in {}, the next start will not know it: {}",
                        file,
                        failure.toString()))
                .otherwiseEmpty();
    }

    private static String shortened(String text) {
        var line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() > NOTE_LENGTH_MAX ? line.substring(0, NOTE_LENGTH_MAX) : line;
    }
}
