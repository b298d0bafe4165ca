package org.pganalytics.collector;

import java.util.List;
import org.pganalytics.model.MetricFamily;

/**
 * What an agent works by: its own configuration, with what a server says laid over it.
 *
 * @param families what is collected, as far as targets do not skip it
 * @param note what of the server's configuration is left out, for people; empty for nothing
 */
public record EffectiveConfig(CollectorConfig config, List<MetricFamily> families, String note) {
    public EffectiveConfig {
        families = List.copyOf(families);
    }
}
