package org.pganalytics.fleet;

import java.util.Optional;

/**
 * What a collector is to run.
 *
 * @param tag empty for nothing of ours
 * @param document JSON; empty when the collector has it, or there is none
 */
public record Handout(String tag, Optional<String> document) {
    static final Handout NOTHING = new Handout("", Optional.empty());
}
