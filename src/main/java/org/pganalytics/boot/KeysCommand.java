package org.pganalytics.boot;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.pganalytics.identity.sealed.SealedValues;
import org.pganalytics.secrets.KeyRing;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The keys under which secrets in the database are sealed. */
@Command(
        name = "keys",
        description = "The keys under which secrets in the database are sealed: makes, replaces and removes them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            KeysCommand.Create.class,
            KeysCommand.Status.class,
            KeysCommand.Rotate.class,
            KeysCommand.Retire.class
        })
final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: create, status, rotate or retire");
    }

    /** What those commands have in common that are about the file of a server. */
    static final class Ring {
        @Mixin
        private InventoryCommand common;

        private Path path;
        private KeyRing ring;

        private void read() {
            path = common.inventory()
                    .sealKeysFile()
                    .orElseThrow(() -> new CommandFailure("this configuration names no"
                            + " file of keys: set secrets.keys-file (./pganalytics keys create makes one)"));
            try {
                ring = SealKeys.read(path);
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(wrong.getMessage());
            }
        }

        private Map<String, Long> counts() {
            return common.inventory().askSealed(SealedValues::countByKey);
        }

        private void tell(String action, String key) {
            common.inventory()
                    .askSealed(values -> values.tell(InventoryCommand.actor(), action, key, new JsonObject()));
        }

        private String does(String id) {
            return id.equals(ring.current())
                    ? "seals"
                    : ring.next()
                            .filter(id::equals)
                            .map(next -> "opens, next to seal")
                            .orElse("opens");
        }
    }

    /** Makes them. */
    @Command(
            name = "create",
            description =
                    "Makes a file with one new key, which only its owner may read; overwrites nothing. Put it on every"
                            + " server, name it in secrets.keys-file, and keep a copy apart from the database's backups.",
            mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Option(names = "--file", paramLabel = "FILE", required = true, description = "Where it is written.")
        private Path file;

        @Override
        public Integer call() {
            SealKeys.create(file);
            var out = spec.commandLine().getOut();
            out.println("secrets.keys-file = \"%s\"".formatted(file.toAbsolutePath()));
            out.flush();
            return 0;
        }
    }

    /** Says which there are. */
    @Command(
            name = "status",
            description = "Lists the keys of the file and of the values in the database, with how many are under each.",
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        @Mixin
        private Ring keys;

        private record Line(String id, String does, long values) {
            JsonObject json() {
                return new JsonObject().put("key", id).put("does", does).put("values", values);
            }
        }

        @Override
        public Integer call() {
            keys.read();
            var counts = keys.counts();
            var all = new TreeSet<>(counts.keySet());
            keys.ring.ids().forEach(all::remove);
            var lines = new ArrayList<Line>();
            keys.ring.ids().forEach(id -> lines.add(new Line(id, keys.does(id), counts.getOrDefault(id, 0L))));
            all.forEach(id -> lines.add(new Line(id, "is not in the file", counts.get(id))));
            return keys.common.tell(
                    lines,
                    Line::json,
                    List.of("key", "does", "values"),
                    line -> List.of(line.id(), line.does(), Long.toString(line.values())));
        }
    }

    /** Goes over to another. */
    @Command(
            name = "rotate",
            description = {
                "Goes over to a new key, in two calls: the first adds it to the file, where it only opens; the second lets"
                        + " it seal. After each, copy the file to all servers and send them SIGHUP: they take it, and seal"
                        + " anew what is under older keys.",
                "With --at-once both are done in one call: for a single server."
            },
            mixinStandardHelpOptions = true)
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private Ring keys;

        @Option(names = "--at-once", description = "Let the new key seal now: there is one server only.")
        private boolean atOnce;

        @Override
        public Integer call() {
            keys.read();
            var adding = keys.ring.next().isEmpty();
            var fresh = keys.ring.withNext(new SecureRandom());
            var id = fresh.next().orElseThrow();
            boolean sealing = atOnce || !adding;
            keys.tell(sealing ? "keys.rotate" : "keys.add", id);
            SealKeys.replace(keys.path, sealing ? fresh.withNextSealing() : fresh);
            var said = sealing
                    ? "%s seals in %s: copy it to all servers and send them SIGHUP; ./pganalytics keys status shows how far"
                            + " they are"
                    : "%s opens in %s: copy it to all servers and send them SIGHUP, then call this once more";
            return keys.common.tell(
                    new JsonObject().put("key", id).put("seals", sealing), said.formatted(id, keys.path));
        }
    }

    /** Removes one. */
    @Command(
            name = "retire",
            description =
                    "Takes a key out of the file under which no value is any more. Then copy the file to all servers.",
            mixinStandardHelpOptions = true)
    static final class Retire implements Callable<Integer> {
        @Mixin
        private Ring keys;

        @Parameters(paramLabel = "KEY", description = "As ./pganalytics keys status lists it.")
        private String id;

        @Override
        public Integer call() {
            keys.read();
            var left = without();
            var under = Optional.ofNullable(keys.counts().get(id)).orElse(0L);
            if (under > 0) {
                throw new CommandFailure("%d values are under the key %s still: the servers seal them anew under %s"
                        .formatted(under, id, keys.ring.current()));
            }
            keys.tell("keys.retire", id);
            SealKeys.replace(keys.path, left);
            return keys.common.tell(
                    new JsonObject().put("key", id).put("keys", new JsonArray(left.ids())),
                    "took %s out of %s".formatted(id, keys.path));
        }

        private KeyRing without() {
            try {
                return keys.ring.without(id);
            } catch (IllegalArgumentException wrong) {
                throw new CommandFailure(wrong.getMessage());
            }
        }
    }
}
