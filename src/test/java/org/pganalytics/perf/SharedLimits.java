package org.pganalytics.perf;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.pganalytics.cluster.RealRedis;
import org.pganalytics.collector.load.LongBlocks;
import org.pganalytics.model.BatchPosition;
import org.pganalytics.model.ColumnBlock;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.wire.BatchEncoder;
import org.pganalytics.wire.BatchHeader;
import org.pganalytics.wire.Frame;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;

/** What one collector gets through three servers that share a Redis, against what it may send: wherever it sends. */
final class SharedLimits {
    private static final int SERVERS = 3;
    private static final int ROWS_PER_SECOND = 1_500;
    private static final int BATCH_ROWS = 500;
    private static final int TOO_MANY = 429;
    private static final int RETRY_MILLIS = 50;
    private static final long BURST_NANOS_MAX = 30_000_000_000L;

    /** Where its pushes go; a balancer decides that for each. */
    private enum Traffic {
        EVENLY,
        TO_ONE,
        MOVING;

        int server(long push, long nanos) {
            return switch (this) {
                case EVENLY -> (int) (push % SERVERS);
                case TO_ONE -> 0;
                case MOVING -> (int) (nanos / 700_000_000 % SERVERS);
            };
        }
    }

    private final Workplace workplace;
    private final Cores cores;
    private final MetricFamily family;
    private final FrameCodec codec = new FrameCodec(65 << 20);
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ServerProcess> servers = new ArrayList<>();

    SharedLimits(Workplace workplace, Cores cores, MetricFamily family) {
        this.workplace = workplace;
        this.cores = cores;
        this.family = family;
    }

    /** @param seconds of each way to send */
    List<Measurement> measure(int seconds) throws IOException, InterruptedException {
        try (var redis = RealRedis.start()) {
            start(redis);
            var measured = new ArrayList<Measurement>();
            double furthest = 0;
            for (var traffic : Traffic.values()) {
                double ratio = new Pusher("limits-" + traffic).ratio(traffic, seconds);
                furthest = Math.max(furthest, Math.abs(ratio - 1));
                measured.add(Measurement.aside("limit_ratio_" + traffic.name().toLowerCase(Locale.ROOT), "", ratio));
            }
            measured.add(0, Measurement.of(Goal.LIMIT_OFF_BY, List.of(furthest)));
            return measured;
        } finally {
            for (int last = servers.size() - 1; last >= 0; last--) {
                servers.get(last).close();
            }
        }
    }

    private void start(RealRedis redis) throws IOException, InterruptedException {
        var environment = new HashMap<>(Map.of(
                "PGANALYTICS_REDIS_URLS", redis.url(),
                "PGANALYTICS_ADMISSION_COLLECTOR_ROWS_PER_SECOND", "" + ROWS_PER_SECOND,
                "PGANALYTICS_ADMISSION_COLLECTOR_BURST_ROWS", "" + 2 * ROWS_PER_SECOND));
        for (int number = 0; number < SERVERS; number++) {
            servers.add(ServerProcess.start(workplace, "limits-" + number, cores, environment));
            if (number == 0) {
                environment.putAll(servers.get(0).itsDatabase());
            }
        }
    }

    /** One collector that offers all it can: what is refused it offers again at once. */
    private final class Pusher {
        private final String token;
        private final int epoch;
        private long sequence;
        private byte[] body = {};
        private long bodyOf;

        Pusher(String name) throws IOException, InterruptedException {
            var asked = new JsonObject().put("hostname", name).put("name", name).put("version", "bench");
            var identity = new JsonObject(send(request(0, "collectors/register")
                            .header("Content-Type", "application/json")
                            .header("X-Registration-Secret", ServerProcess.SECRET)
                            .POST(BodyPublishers.ofString(asked.encode())))
                    .body());
            token = identity.getString("token");
            var position = send(authorized(0, "metrics/position?instance=" + UUID.randomUUID()));
            epoch = Integer.parseInt(new JsonObject(position.body()).getString("epoch"));
        }

        /** Counts from the first refusal on: the burst has passed then. */
        double ratio(Traffic traffic, int seconds) throws IOException, InterruptedException {
            long burst = System.nanoTime();
            while (push(traffic.server(sequence, System.nanoTime() - burst))) {
                sequence++;
                if (System.nanoTime() - burst > BURST_NANOS_MAX) {
                    throw new IOException("this machine pushes less than the limit");
                }
            }
            long began = System.nanoTime();
            long before = sequence;
            while (System.nanoTime() - began < seconds * 1_000_000_000L) {
                if (push(traffic.server(sequence, System.nanoTime() - began))) {
                    sequence++;
                } else {
                    Thread.sleep(RETRY_MILLIS);
                }
            }
            double passed = (System.nanoTime() - began) / 1e9;
            return (sequence - before) * BATCH_ROWS / (ROWS_PER_SECOND * passed);
        }

        private byte[] body(long next) {
            if (bodyOf == next) {
                return body;
            }
            var block = LongBlocks.of(family, (int) next, BATCH_ROWS, System.currentTimeMillis() * 1_000);
            var encoded = new BatchEncoder(1).encode(List.<ColumnBlock>of(block));
            var header = new BatchHeader(
                    new BatchPosition(epoch, next, next), encoded.digest(), encoded.uncompressedBytes(), List.of());
            var batch = new Frame.BatchFrame(header, encoded.compressed());
            bodyOf = next;
            body = new HttpBatch(List.of(family.schema()), batch).encode(codec).getBytes();
            return body;
        }

        private boolean push(int server) throws IOException, InterruptedException {
            var answer = send(authorized(server, "metrics/push")
                    .header("Content-Type", HttpBatch.MEDIA_TYPE)
                    .POST(BodyPublishers.ofByteArray(body(sequence + 1))));
            if (answer.statusCode() != 200 && answer.statusCode() != TOO_MANY) {
                throw new IOException("the server answers " + answer.body());
            }
            return answer.statusCode() == 200;
        }

        private HttpRequest.Builder authorized(int server, String path) {
            return request(server, path).header("Authorization", "Bearer " + token);
        }
    }

    private HttpRequest.Builder request(int server, String path) {
        int port = servers.get(server).port("http");
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/%s".formatted(port, path)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
