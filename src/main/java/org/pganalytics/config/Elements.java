package org.pganalytics.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.List;

/** Reads lists of objects, each laid over its own defaults. */
final class Elements {
    private final Config config;
    private final Problems problems;

    Elements(Config config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    List<Section> of(String key, Config defaults) {
        var sections = new ArrayList<Section>();
        for (var value : list(key)) {
            if (value instanceof ConfigObject element) {
                rejectUnknown(key, element, defaults, problems);
                sections.add(new Section(element.toConfig().withFallback(defaults), defaults, "", problems));
            } else {
                problems.add(value.origin(), key, value.render(), "objects in { }");
            }
        }
        return sections;
    }

    static void rejectUnknown(String key, ConfigObject element, Config defaults, Problems problems) {
        for (var name : element.keySet()) {
            if (!defaults.root().containsKey(name)) {
                var known = defaults.root().keySet().stream().sorted().toList();
                problems.add(element.get(name).origin(), key + "." + name, "an unknown key", "one of " + known);
            } else if (defaults.root().get(name) instanceof ConfigObject section
                    && !section.isEmpty()
                    && element.get(name) instanceof ConfigObject inner) {
                rejectUnknown(key + "." + name, inner, section.toConfig(), problems);
            }
        }
    }

    /** A list of objects; from the environment it comes as one text in HOCON. */
    private List<? extends ConfigValue> list(String key) {
        var value = config.getValue(key);
        if (value.valueType() == ConfigValueType.STRING) {
            var text = (String) value.unwrapped();
            try {
                return ConfigFactory.parseString(key + " = " + text).getList(key);
            } catch (com.typesafe.config.ConfigException wrong) {
                problems.add(value.origin(), key, "no list in HOCON", "a list such as [ { host = \"a\" } ]");
                return List.of();
            }
        }
        if (value.valueType() != ConfigValueType.LIST) {
            problems.add(value.origin(), key, value.valueType().toString(), "a list of objects");
            return List.of();
        }
        return config.getList(key);
    }
}
