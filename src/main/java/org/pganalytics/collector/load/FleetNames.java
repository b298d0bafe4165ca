package org.pganalytics.collector.load;

/** What simulated collectors and targets are called. */
final class FleetNames {
    private FleetNames() {}

    static String collector(int number) {
        return "load-%05d".formatted(number);
    }

    static String target(SampleSource source) {
        return target(source.collector(), source.target());
    }

    static String target(int collector, int target) {
        return "pg-%05d-%03d".formatted(collector, target);
    }
}
