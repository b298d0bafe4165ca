package org.pganalytics.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;

/**
 * Takes {@code include "other.conf"}, relative to the file it stands in, and {@code include file("…")}. HOCON passes over
 * a file that is not there; here it is a problem, for what it should have said would be missing without a word.
 */
final class StrictIncluder implements ConfigIncluder, ConfigIncluderFile {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        var other = context.relativeTo(what);
        return other == null ? includeFile(context, new File(what)) : other.parse(strict(context.parseOptions()));
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        return ConfigFactory.parseFile(what, strict(context.parseOptions())).root();
    }

    private static ConfigParseOptions strict(ConfigParseOptions options) {
        return options.setAllowMissing(false);
    }
}
