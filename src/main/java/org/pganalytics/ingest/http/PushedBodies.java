package org.pganalytics.ingest.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.UUID;
import org.pganalytics.ingest.BodyDecoder;
import org.pganalytics.ingest.Lobby;
import org.pganalytics.model.Batch;
import org.pganalytics.model.Intake;
import org.pganalytics.wire.FrameCodec;
import org.pganalytics.wire.HttpBatch;
import org.pganalytics.wire.NativeJson;

/** Makes a batch of a pushed body, on a worker unless it is small. */
final class PushedBodies {
    private final Lobby lobby;
    private final FrameCodec codec;
    private final NativeJson json;
    private final Unpacking unpacking;
    private final Intake intake;

    PushedBodies(Lobby lobby, Intake intake, FrameCodec codec) {
        this.lobby = lobby;
        this.intake = intake;
        this.codec = codec;
        this.json = new NativeJson(lobby.limits().wireLimits());
        this.unpacking = new Unpacking(lobby.limits().wireLimits());
    }

    /** @param mediaType one of the two that are taken */
    Future<Batch> batch(UUID collector, String mediaType, Buffer body, Hold hold) {
        boolean small = body.length() <= lobby.limits().decodeInlineBytesMax() / 8 && !Unpacking.isPacked(body);
        return small && mediaType.equals(NativeJson.MEDIA_TYPE)
                ? Future.<Void>succeededFuture().map(begin -> read(collector, mediaType, body, hold))
                : lobby.decoder().onWorker(() -> read(collector, mediaType, body, hold));
    }

    private Batch read(UUID collector, String mediaType, Buffer body, Hold hold) {
        var unpacked = unpacking.unpack(body, hold);
        var batch =
                mediaType.equals(NativeJson.MEDIA_TYPE) ? ofJson(collector, unpacked) : ofFrames(collector, unpacked);
        long bytes = BodyDecoder.memoryBytes(batch.content());
        if (!hold.more(bytes)) {
            throw hold.full(bytes);
        }
        return batch;
    }

    private Batch ofJson(UUID collector, Buffer body) {
        var refusal = intake.refusalNow(collector, body.length());
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        var push = json.parse(body);
        var raw = new Batch.Raw(NativeJson.MEDIA_TYPE, body);
        return new Batch(collector, push.position(), push.digest(), push.losses(), push.content(), raw);
    }

    private Batch ofFrames(UUID collector, Buffer body) {
        var pushed = HttpBatch.parse(body, codec);
        var header = pushed.batch().header();
        long bytes = body.length()
                + (long) Math.min(header.uncompressedBytes(), lobby.limits().uncompressedBytesMax());
        var content = lobby.decoder()
                .unlessRefused(pushed.batch(), pushed.byFingerprint(), () -> intake.refusalNow(collector, bytes));
        var raw = new Batch.Raw(HttpBatch.MEDIA_TYPE, body);
        return new Batch(collector, header.position(), header.digest(), header.losses(), content, raw);
    }
}
