package org.pganalytics.boot;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.pganalytics.audit.report.Period;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Moment;
import org.pganalytics.identity.report.Reports;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What compliance asks for. */
@Command(
        name = "report",
        description = {
            "Prints a report, as CSV where --json does not say otherwise; it is audited.",
            "sign-ins, privilege-changes, key-rotations: the events of a period. access-review: who may do what now."
                    + " retention: how long the audit is kept, and what was deleted from it in a period."
        },
        mixinStandardHelpOptions = true)
final class AuditReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private InventoryCommand common;

    @Parameters(
            paramLabel = "REPORT",
            description = "sign-ins, privilege-changes, access-review, key-rotations or retention.")
    private String report;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "Such as 2026-11-01T00:00:00Z; default 30 days before --to.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Default now.")
    private String to;

    @Override
    public Integer call() {
        var kind = Reports.Kind.of(report)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "there is no report '%s': %s".formatted(report, all())));
        var table = common.inventory().report(kind, period(), InventoryCommand.actor());
        return common.tell(table.json().encode(), table.csv().strip());
    }

    private static String all() {
        return Arrays.stream(Reports.Kind.values()).map(Reports.Kind::key).collect(Collectors.joining(", "));
    }

    private Period period() {
        try {
            return Period.of(time("--from", from), time("--to", to), Instant.now());
        } catch (FaultException refusal) {
            throw new ParameterException(spec.commandLine(), refusal.getMessage());
        }
    }

    private Optional<Instant> time(String option, String text) {
        try {
            return Optional.ofNullable(text).map(Moment::parse).map(time -> time.toInstant());
        } catch (DateTimeException e) {
            throw new ParameterException(
                    spec.commandLine(), "%s is no time such as 2026-11-01T00:00:00Z: '%s'".formatted(option, text));
        }
    }
}
