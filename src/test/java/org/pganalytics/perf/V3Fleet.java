package org.pganalytics.perf;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.pganalytics.collector.load.GeneratedBlocks;
import org.pganalytics.ingest.v3.V3Client;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;

/** As many collectors of version 3 as send in the native form elsewhere; they push the same statements, all at once. */
final class V3Fleet implements AutoCloseable {
    static final int COLLECTORS = 16;
    static final int TARGETS = 7;
    private static final String WHEN = "2026-01-01T00:00:00Z";

    private final Crew crew = new Crew(COLLECTORS);
    private final List<V3Client> clients = new ArrayList<>();
    private final String push;
    private final int rowsAPush;
    private Instant next = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.DAYS);

    V3Fleet(ServerProcess server, MetricFamily statements) throws IOException {
        var blocks = new GeneratedBlocks(List.of(statements)).ofTargets(statements, 0, TARGETS, 0);
        rowsAPush = blocks.stream().mapToInt(ColumnBlock::rows).sum();
        push = V3Statements.push(blocks, WHEN);
        for (int number = 0; number < COLLECTORS; number++) {
            var client = new V3Client(server.port("http"));
            var answer = client.register(ServerProcess.SECRET, "v3-bench-" + number);
            if (client.token() == null) {
                close();
                throw new IOException("the server registers no version 3 collector: " + answer);
            }
            clients.add(client);
        }
    }

    /** The statements of the next second, by each. @return rows of all */
    long pushAll() throws IOException, InterruptedException {
        next = next.plusSeconds(1);
        var body = push.replace(WHEN, next.toString());
        crew.all(number -> {
            var answer = clients.get(number).push(body, "");
            if (answer.status() != 200) {
                throw new IOException("the server answers a version 3 push with " + answer);
            }
            return null;
        });
        return (long) COLLECTORS * rowsAPush;
    }

    @Override
    public void close() {
        crew.close();
    }
}
