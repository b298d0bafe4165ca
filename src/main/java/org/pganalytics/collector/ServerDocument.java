package org.pganalytics.collector;

import java.util.List;
import org.pganalytics.model.MetricFamily;

/** How a server's configuration is read and laid over the agent's own. */
@FunctionalInterface
public interface ServerDocument {
    /**
     * @param document JSON, from a server
     * @throws RuntimeException whose message says what is wrong with it
     */
    EffectiveConfig over(String document, CollectorConfig own, List<MetricFamily> families);
}
