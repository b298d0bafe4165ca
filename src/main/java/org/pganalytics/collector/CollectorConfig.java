package org.pganalytics.collector;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.pganalytics.fault.Limit;

/**
 * All switches of the agent.
 *
 * @param name what to register as, 1 to 255 characters; default the machine's name
 * @param stateDir where token and spool are kept, readable by their owner only; default {@code data/collector}
 * @param registrationSecret at least 12 characters, or empty: then the collector must be registered already
 * @param servers at least one
 * @param preferFirstAfter how long to stay with a server or transport that is not the first one before trying the first
 *     again, 1 s to 1 day; default 5 min
 * @param cpuBudget share of one core that the process may take before intervals are stretched, 0 to 64; 0: no limit;
 *     default 0.5
 * @param targets may be empty
 * @param pull what a server may say, and the labels
 * @param certificate which one is shown to servers that ask for one
 */
public record CollectorConfig(
        String name,
        Path stateDir,
        String registrationSecret,
        List<ServerConfig> servers,
        Duration preferFirstAfter,
        double cpuBudget,
        List<TargetConfig> targets,
        BatchConfig batch,
        SpoolConfig spool,
        LinkConfig link,
        PullConfig pull,
        CertificateConfig certificate) {
    private static final int SECRET_LENGTH_MIN = 12;

    public CollectorConfig {
        Limit.filled("name", name);
        Limit.between("length of name", name.length(), 1, 255);
        Limit.between("prefer-first-after", preferFirstAfter, Duration.ofSeconds(1), Duration.ofDays(1));
        if (!(cpuBudget >= 0 && cpuBudget <= 64)) {
            throw new IllegalArgumentException("cpu-budget = %s must be between 0 and 64".formatted(cpuBudget));
        }
        if (!registrationSecret.isEmpty() && registrationSecret.length() < SECRET_LENGTH_MIN) {
            throw new IllegalArgumentException(
                    "registration.secret must have at least %d characters".formatted(SECRET_LENGTH_MIN));
        }
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("servers must name at least one server");
        }
        var names = new HashSet<String>();
        for (var target : targets) {
            if (!names.add(target.name())) {
                throw new IllegalArgumentException("targets: the name %s stands twice".formatted(target.name()));
            }
        }
        servers = List.copyOf(servers);
        targets = List.copyOf(targets);
    }

    /** With the defaults of what a server may say. */
    public CollectorConfig(
            String name,
            Path stateDir,
            String registrationSecret,
            List<ServerConfig> servers,
            Duration preferFirstAfter,
            double cpuBudget,
            List<TargetConfig> targets,
            BatchConfig batch,
            SpoolConfig spool,
            LinkConfig link) {
        this(
                name,
                stateDir,
                registrationSecret,
                servers,
                preferFirstAfter,
                cpuBudget,
                targets,
                batch,
                spool,
                link,
                PullConfig.defaults(),
                CertificateConfig.ofServer());
    }

    /** Names no secret. */
    @Override
    public String toString() {
        return "CollectorConfig[%s, servers %s, targets %s]".formatted(name, servers, targets);
    }
}
