package org.pganalytics.perf;

import java.nio.file.Path;
import java.util.List;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.MetricFamily;

/** The family that nearly every bench sends: most rows of a fleet are its. */
public final class Statements {
    private Statements() {}

    /** As it is shipped. */
    public static MetricFamily shipped() {
        return of(FamilyFiles.load(Path.of("conf/families")));
    }

    static MetricFamily of(List<MetricFamily> families) {
        return families.stream()
                .filter(family -> family.name().equals("pg_stat_statements"))
                .findFirst()
                .orElseThrow();
    }
}
