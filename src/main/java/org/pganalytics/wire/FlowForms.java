package org.pganalytics.wire;

import java.util.List;
import org.pganalytics.fault.Fault;
import org.pganalytics.wire.Frame.Ack;
import org.pganalytics.wire.Frame.GoAway;
import org.pganalytics.wire.Frame.Nack;
import org.pganalytics.wire.Frame.Ping;
import org.pganalytics.wire.Frame.Pong;
import org.pganalytics.wire.Frame.Schema;
import org.pganalytics.wire.Frame.Throttle;

/** The frames within a session beside the batches: schemas, answers, flow and farewell. */
final class FlowForms {
    static final int DETAIL_BYTES_MAX = 1024;

    static final List<FrameForm<?>> ALL = List.of(
            new FrameForm<>(7, Schema.class, SchemaForm::write, SchemaForm::read),
            new FrameForm<>(9, Ack.class, FlowForms::ack, FlowForms::ack),
            new FrameForm<>(10, Nack.class, FlowForms::nack, FlowForms::nack),
            new FrameForm<>(11, Throttle.class, FlowForms::throttle, FlowForms::throttle),
            new FrameForm<>(12, Ping.class, (ping, out) -> out.i64(1, ping.nonce()), in -> new Ping(in.i64(1))),
            new FrameForm<>(13, Pong.class, (pong, out) -> out.i64(1, pong.nonce()), in -> new Pong(in.i64(1))),
            new FrameForm<>(14, GoAway.class, FlowForms::goAway, FlowForms::goAway));

    private static final int RETRYABLE = 0;
    private static final int PERMANENT = 1;
    private static final int SETTLED = 2;

    private FlowForms() {}

    private static void ack(Ack frame, FieldsOut out) {
        out.u32(1, frame.epoch()).size(2, frame.sequence()).u32(3, frame.window());
    }

    private static Ack ack(FieldsIn in) {
        return new Ack(in.u32(1), in.size(2), in.u32(3));
    }

    private static void nack(Nack frame, FieldsOut out) {
        out.u32(1, frame.epoch())
                .size(2, frame.sequence())
                .u8(3, frame.fault().wireCode())
                .u8(4, kind(frame.fault()))
                .size(5, frame.retryAfterMillis())
                .size(6, frame.expected())
                .text(7, Utf8.oneLine(frame.detail(), DETAIL_BYTES_MAX), DETAIL_BYTES_MAX);
    }

    private static Nack nack(FieldsIn in) {
        return new Nack(in.u32(1), in.size(2), fault(in, 3, 4), in.size(5), in.size(6), in.text(7, DETAIL_BYTES_MAX));
    }

    private static void throttle(Throttle frame, FieldsOut out) {
        out.u32(1, frame.window()).size(2, frame.retryAfterMillis());
    }

    private static Throttle throttle(FieldsIn in) {
        return new Throttle(in.u32(1), in.size(2));
    }

    private static void goAway(GoAway frame, FieldsOut out) {
        out.u8(1, frame.fault().wireCode())
                .u8(2, kind(frame.fault()))
                .size(3, frame.retryAfterMillis())
                .text(4, Utf8.oneLine(frame.detail(), DETAIL_BYTES_MAX), DETAIL_BYTES_MAX);
    }

    private static GoAway goAway(FieldsIn in) {
        return new GoAway(fault(in, 1, 2), in.size(3), in.text(4, DETAIL_BYTES_MAX));
    }

    private static int kind(Fault fault) {
        return fault.retryable() ? RETRYABLE : fault.settles() ? SETTLED : PERMANENT;
    }

    /** A code of a later version is taken for the plainest fault of its kind. */
    private static Fault fault(FieldsIn in, int codeTag, int kindTag) {
        int code = in.u8(codeTag);
        int kind = in.u8(kindTag);
        if (code == 0 || kind > SETTLED) {
            throw in.bad(kindTag, "or %d: no fault has code %d and kind %d".formatted(codeTag, code, kind));
        }
        var known = Fault.ofWireCode(code);
        if (known.isPresent() && kind(known.get()) != kind) {
            throw in.bad(kindTag, "is %d, but fault %s has kind %d".formatted(kind, known.get(), kind(known.get())));
        }
        return known.orElse(kind == RETRYABLE ? Fault.INTERNAL : kind == SETTLED ? Fault.BAD_DATA : Fault.BAD_REQUEST);
    }
}
