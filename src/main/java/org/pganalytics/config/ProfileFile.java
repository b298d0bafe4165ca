package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.io.File;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.pganalytics.collector.BatchConfig;
import org.pganalytics.collector.CollectorConfig;
import org.pganalytics.collector.EffectiveConfig;
import org.pganalytics.collector.TargetConfig;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Kind;
import org.pganalytics.model.MetricFamily.Source;

/**
 * Reads a profile, which says what collectors are to do, by what reads their own configuration: a person writes HOCON, the
 * server hands out JSON, and both are checked alike. Nothing outside the text is read, whatever it says.
 */
public final class ProfileFile {
    private static final int HANDED_OUT_BYTES_MAX = 64_000;
    private static final String DECLARE = "declare";
    private static final String DECLARATIONS = "declarations";
    private static final CollectorConfig SAMPLE =
            CollectorConfigFile.of("targets = [ { name = sample, host = localhost, user = sample } ]");
    private static final Config DEFAULTS = ConfigFactory.parseMap(Map.of(
            "skip",
            List.of(),
            "intervals",
            Map.of(),
            "cpu-budget",
            SAMPLE.cpuBudget(),
            "batch.rows-max",
            SAMPLE.batch().rowsMax(),
            "batch.bytes-max",
            SAMPLE.batch().bytesMax(),
            "batch.flush-after",
            SAMPLE.batch().flushAfter().toMillis() + "ms",
            "targets",
            targets(SAMPLE.targets().get(0)),
            DECLARE,
            List.of(),
            DECLARATIONS,
            List.of()));

    private final Problems problems = new Problems();
    private final Config said;

    private static Map<String, Object> targets(TargetConfig target) {
        return Map.of(
                "connections-max", target.connectionsMax(),
                "statement-timeout", target.statementTimeout().toMillis() + "ms",
                "lock-timeout", target.lockTimeout().toMillis() + "ms");
    }

    private ProfileFile(String text, ConfigSyntax syntax) {
        var parsed = parse(text, syntax);
        var known = Layers.known("", parsed.root().withoutKey("intervals"), DEFAULTS.root(), problems);
        var intervals = parsed.root().get("intervals");
        said = (intervals == null ? known : known.withValue("intervals", intervals)).toConfig();
    }

    /**
     * Checks a profile and returns it as collectors get it: JSON, with the declarations of the families that it hands out.
     *
     * @param families those that the server stores
     * @throws ConfigException with everything that is wrong
     */
    public static String handedOut(String hocon, List<MetricFamily> families) {
        var profile = new ProfileFile(hocon, ConfigSyntax.CONF);
        profile.onlyStored(families);
        profile.read();
        if (profile.said.hasPath(DECLARATIONS)) {
            profile.problem(DECLARATIONS, "declarations", "declare = [ … ], of families that the server has a file of");
        }
        var declared = profile.declared(families);
        profile.problems.throwIfAny();
        var json = profile.said
                .withoutPath(DECLARE)
                .root()
                .withValue(DECLARATIONS, ConfigValueFactory.fromIterable(declared))
                .render(ConfigRenderOptions.concise());
        int bytes = json.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > HANDED_OUT_BYTES_MAX) {
            profile.problem(
                    DECLARE,
                    "%d bytes with the families declared".formatted(bytes),
                    "at most %d bytes; declare fewer".formatted(HANDED_OUT_BYTES_MAX));
            profile.problems.throwIfAny();
        }
        return json;
    }

    /**
     * Lays a profile over a collector's own configuration.
     *
     * @param json as a server hands it out
     * @throws ConfigException with everything that is wrong
     */
    public static EffectiveConfig over(String json, CollectorConfig own, List<MetricFamily> families) {
        var profile = new ProfileFile(json, ConfigSyntax.JSON);
        var read = profile.read();
        var handed = profile.handed();
        profile.problems.throwIfAny();
        return new ProfileLayer(profile.said, read, handed).over(own, families);
    }

    private Config parse(String text, ConfigSyntax syntax) {
        var options = ConfigParseOptions.defaults()
                .setSyntax(syntax)
                .setOriginDescription("profile")
                .setIncluder(new NothingIncluded(problems));
        try {
            var parsed = ConfigFactory.parseString(text, options);
            if (parsed.isResolved()) {
                return parsed;
            }
            problems.add(parsed.origin(), "(syntax)", "a substitution ${…}", "values as they are");
        } catch (com.typesafe.config.ConfigException wrong) {
            problems.add(
                    ConfigFactory.empty("profile").origin(), "(syntax)", wrong.getMessage(), "an object in " + syntax);
        } catch (StackOverflowError nested) {
            // The parser goes down with each bracket; the text is short, so nothing else is at risk.
            problems.add(
                    ConfigFactory.empty("profile").origin(), "(syntax)", "too many brackets in each other", "a few");
        }
        problems.throwIfAny();
        return ConfigFactory.empty();
    }

    /** The limits as far as they are said; the others are the defaults, which nobody looks at. */
    private SampleLimits read() {
        var root = new Section(said.withFallback(DEFAULTS), DEFAULTS, "", problems);
        var batch = Binder.bind(
                BatchConfig.class,
                root.section("batch"),
                Map.of("zstdLevel", SAMPLE.batch().zstdLevel()));
        var target = Binder.values(SAMPLE.targets().get(0));
        List.of("connectionsMax", "statementTimeout", "lockTimeout").forEach(target::remove);
        double budget = root.number("cpu-budget");
        if (!(budget >= 0 && budget <= 64)) {
            root.wrong("cpu-budget", "0 to 64");
        }
        return new SampleLimits(
                batch,
                Binder.bind(TargetConfig.class, root.section("targets"), target),
                budget,
                TargetSections.intervals(root),
                root.texts("skip"));
    }

    /** What a profile may say, read. */
    record SampleLimits(
            BatchConfig batch,
            TargetConfig target,
            double cpuBudget,
            Map<String, java.time.Duration> intervals,
            List<String> skip) {}

    /** A misspelled family must not look like one that is taken care of. */
    private void onlyStored(List<MetricFamily> families) {
        var names = families.stream().map(MetricFamily::name).sorted().toList();
        var root = new Section(said.withFallback(DEFAULTS), DEFAULTS, "", new Problems());
        root.durations("intervals").keySet().stream()
                .filter(Predicate.not(names::contains))
                .forEach(name -> problem("intervals", "family " + name, "families that the server stores: " + names));
        root.texts("skip").stream()
                .filter(Predicate.not(names::contains))
                .forEach(name -> problem("skip", "family " + name, "families that the server stores: " + names));
    }

    private List<Map<String, Object>> declared(List<MetricFamily> families) {
        var declared = new ArrayList<Map<String, Object>>();
        var root = new Section(said.withFallback(DEFAULTS), DEFAULTS, "", problems);
        for (var name : new TreeSet<>(root.texts(DECLARE))) {
            var found = families.stream()
                    .filter(family -> family.name().equals(name) && isHandedOut(family))
                    .findFirst();
            found.ifPresentOrElse(
                    family -> declared.add(FamilyText.of(family)),
                    () -> problem(
                            DECLARE, "family " + name, "families of samples by SQL that the server has a file of"));
        }
        return declared;
    }

    private static boolean isHandedOut(MetricFamily family) {
        return family.kind() == Kind.SAMPLES && family.reading().source() == Source.SQL;
    }

    private List<MetricFamily> handed() {
        var families = new ArrayList<MetricFamily>();
        if (said.hasPath(DECLARATIONS)) {
            for (var element : said.getList(DECLARATIONS)) {
                var before = families.size();
                if (element instanceof ConfigObject declaration) {
                    FamilyFiles.declared(declaration.toConfig(), "profile", problems)
                            .filter(ProfileFile::isHandedOut)
                            .filter(family -> families.stream()
                                    .noneMatch(other -> other.name().equals(family.name())))
                            .ifPresent(families::add);
                }
                if (families.size() == before) {
                    problem(DECLARATIONS, element.valueType().toString(), "different families of samples by SQL");
                }
            }
        }
        return families;
    }

    private void problem(String key, String found, String allowed) {
        var value = said.root().get(key);
        problems.add(value == null ? said.origin() : value.origin(), key, found, allowed);
    }

    /** A profile stands for itself: no file and no address is read for it. */
    private record NothingIncluded(Problems problems)
            implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            return refused();
        }

        @Override
        public ConfigObject includeFile(ConfigIncludeContext context, File what) {
            return refused();
        }

        @Override
        public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
            return refused();
        }

        @Override
        public ConfigObject includeResources(ConfigIncludeContext context, String what) {
            return refused();
        }

        private ConfigObject refused() {
            problems.add(ConfigFactory.empty("profile").origin(), "(syntax)", "an include", "values as they are");
            return ConfigFactory.empty().root();
        }
    }
}
