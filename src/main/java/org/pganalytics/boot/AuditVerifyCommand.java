package org.pganalytics.boot;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pganalytics.audit.chain.AuditKeyFile;
import org.pganalytics.audit.chain.AuditKeys;
import org.pganalytics.audit.chain.ChainAudit;
import org.pganalytics.audit.chain.ChainVerifier;
import org.pganalytics.audit.chain.OutsideCheckpoints;
import org.pganalytics.audit.chain.Verdict;
import org.pganalytics.config.ServerConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for the first record that is not as it was written. */
@Command(
        name = "verify",
        description = "Verifies the audit in the database, or in an export, and names the first bad record.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the audit is as it was written", "1:it is not, or could not be verified", "2:wrong usage"})
final class AuditVerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOption config;

    @Option(
            names = "--export",
            paramLabel = "FILE",
            description = "Verify this file, made by `audit export`, instead of the database.")
    private Path export;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "The keys, or the public ones alone: then the chain and its signatures are verified, and not each"
                            + " event's hmac. Default: audit.key-file of the configuration.")
    private Path keyFile;

    @Option(
            names = "--checkpoint-file",
            paramLabel = "FILE",
            description =
                    "What servers told of the chain outside the database; may be given several times. Without it nobody"
                            + " can tell whether the end of the chain, or all of it, is missing. Default: that of the"
                            + " configuration, where there is one.")
    private List<Path> checkpointFiles;

    @Option(
            names = "--unproven-until",
            paramLabel = "TIME",
            description =
                    "Accept events without an hmac that were sealed until then, such as 2026-11-30T12:00:00Z: servers"
                            + " without keys ran beside others while all were being upgraded.")
    private Instant unprovenUntil;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Override
    public Integer call() {
        try {
            var settings =
                    export != null && keyFile != null ? Optional.<ServerConfig>empty() : Optional.of(config.load());
            var outside = OutsideCheckpoints.read(outsideFiles(settings));
            var verifier = new ChainVerifier(keys(settings), outside, Optional.ofNullable(unprovenUntil));
            var verdict = export == null
                    ? new Inventory(settings.orElseThrow())
                            .ask(AuditCommand.LIMIT, (vertx, pool) -> ChainAudit.verify(vertx, pool, verifier))
                    : ChainAudit.verify(export, verifier);
            tell(verdict, outside.isEmpty());
            return verdict.isClean() ? 0 : 1;
        } catch (IllegalArgumentException wrong) {
            throw new CommandFailure(wrong.getMessage());
        } catch (IOException e) {
            throw new CommandFailure("a file could not be read: " + e);
        }
    }

    private AuditKeys keys(Optional<ServerConfig> settings) {
        return Optional.ofNullable(keyFile)
                .or(() -> settings.flatMap(Auditing::keyFile))
                .map(AuditKeyFile::readForVerifying)
                .orElseThrow(
                        () -> new CommandFailure("nothing proves this audit: audit.key-file is not set, so its events"
                                + " carry no hmac and are in no chain"));
    }

    private List<Path> outsideFiles(Optional<ServerConfig> settings) {
        return checkpointFiles != null
                ? checkpointFiles
                : settings.flatMap(Auditing::checkpointFile).filter(Files::exists).stream()
                        .toList();
    }

    private void tell(Verdict verdict, boolean alone) {
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(shown(verdict, alone).encode());
        } else {
            out.println(verdict.bad().map(why -> "BAD: " + why).orElse("clean"));
            out.println("verified up to position %d, from %d on; last sealed at %s"
                    .formatted(verdict.to(), verdict.from(), verdict.sealedAt()));
            out.println(
                    "%d not sealed yet, %d accepted without an hmac".formatted(verdict.waiting(), verdict.unproven()));
            out.println("%d with something erased, %d from before the chain began"
                    .formatted(verdict.erased(), verdict.before()));
            if (!verdict.hmacsChecked()) {
                out.println("the events' hmacs were not verified: there are public keys only");
            }
            if (alone) {
                out.println(
                        "not compared with a checkpoint file: whether the end of the chain is missing is not known");
            }
        }
        out.flush();
    }

    private static JsonObject shown(Verdict verdict, boolean alone) {
        return new JsonObject()
                .put("clean", verdict.isClean())
                .put("bad", verdict.bad().orElse(null))
                .put("from", verdict.from())
                .put("to", verdict.to())
                .put(
                        "sealed_at",
                        verdict.sealedAt() == null ? null : verdict.sealedAt().toString())
                .put("waiting", verdict.waiting())
                .put("unproven", verdict.unproven())
                .put("erased", verdict.erased())
                .put("before", verdict.before())
                .put("hmacs_checked", verdict.hmacsChecked())
                .put("compared_with_checkpoint_file", !alone);
    }
}
