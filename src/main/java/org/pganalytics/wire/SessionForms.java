package org.pganalytics.wire;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.pganalytics.wire.Frame.Hello;
import org.pganalytics.wire.Frame.Register;
import org.pganalytics.wire.Frame.Registered;
import org.pganalytics.wire.Frame.Token;
import org.pganalytics.wire.Frame.TokenGranted;
import org.pganalytics.wire.Frame.Welcome;

/** The frames that begin and keep a session: who is there, and where do we stand. */
final class SessionForms {
    static final int SECRET_BYTES_MAX = 4096;
    static final int NAME_BYTES_MAX = 255;
    static final int FEATURES_MAX = 32;

    static final List<FrameForm<?>> ALL = List.of(
            new FrameForm<>(1, Register.class, SessionForms::register, SessionForms::register),
            new FrameForm<>(2, Registered.class, SessionForms::registered, SessionForms::registered),
            new FrameForm<>(3, Hello.class, SessionForms::hello, SessionForms::hello),
            new FrameForm<>(4, Token.class, SessionForms::token, SessionForms::token),
            new FrameForm<>(5, TokenGranted.class, SessionForms::tokenGranted, SessionForms::tokenGranted),
            new FrameForm<>(6, Welcome.class, SessionForms::welcome, SessionForms::welcome));

    private SessionForms() {}

    private static void register(Register frame, FieldsOut out) {
        out.text(1, frame.secret(), SECRET_BYTES_MAX)
                .text(2, frame.name(), NAME_BYTES_MAX)
                .text(3, frame.version(), NAME_BYTES_MAX);
    }

    private static Register register(FieldsIn in) {
        return new Register(in.text(1, SECRET_BYTES_MAX), in.text(2, NAME_BYTES_MAX), in.text(3, NAME_BYTES_MAX));
    }

    private static void registered(Registered frame, FieldsOut out) {
        out.uuid(1, frame.collector())
                .text(2, frame.token(), SECRET_BYTES_MAX)
                .text(3, frame.refreshSecret(), SECRET_BYTES_MAX)
                .size(4, frame.tokenLifetimeMillis());
    }

    private static Registered registered(FieldsIn in) {
        return new Registered(in.uuid(1), in.text(2, SECRET_BYTES_MAX), in.text(3, SECRET_BYTES_MAX), in.size(4));
    }

    private static void hello(Hello frame, FieldsOut out) {
        var features = new BytesOut(FEATURES_MAX * (NAME_BYTES_MAX + 1));
        for (var feature : frame.features()) {
            var name = feature.getBytes(StandardCharsets.UTF_8);
            if (name.length < 1 || name.length > NAME_BYTES_MAX || Utf8.hasControls(feature)) {
                throw new IllegalArgumentException("a feature's name has 1 to 255 bytes, no control characters");
            }
            features.u8(name.length).bytes(name);
        }
        out.text(1, frame.token(), SECRET_BYTES_MAX)
                .text(2, frame.agent(), NAME_BYTES_MAX)
                .uuid(3, frame.instance())
                .bytes(4, features.toArray())
                .i64(5, frame.clockMicros());
    }

    private static Hello hello(FieldsIn in) {
        return new Hello(
                in.text(1, SECRET_BYTES_MAX), in.text(2, NAME_BYTES_MAX), in.uuid(3), features(in.list(4)), in.i64(5));
    }

    private static Set<String> features(BytesIn in) {
        var features = new LinkedHashSet<String>();
        while (in.remaining() > 0) {
            if (features.size() == FEATURES_MAX) {
                throw in.bad("more than %d features".formatted(FEATURES_MAX));
            }
            int length = in.u8();
            var name = in.copy(length, "a feature's name");
            var feature = new String(name, StandardCharsets.UTF_8);
            if (length == 0 || !Utf8.isText(name, 0, length) || Utf8.hasControls(feature) || !features.add(feature)) {
                throw in.bad("a feature's name is empty, not UTF-8, has control characters or stands twice");
            }
        }
        return features;
    }

    private static void token(Token frame, FieldsOut out) {
        out.uuid(1, frame.collector()).text(2, frame.refreshSecret(), SECRET_BYTES_MAX);
    }

    private static Token token(FieldsIn in) {
        return new Token(in.uuid(1), in.text(2, SECRET_BYTES_MAX));
    }

    private static void tokenGranted(TokenGranted frame, FieldsOut out) {
        out.text(1, frame.token(), SECRET_BYTES_MAX)
                .text(2, frame.refreshSecret(), SECRET_BYTES_MAX)
                .size(3, frame.tokenLifetimeMillis());
    }

    private static TokenGranted tokenGranted(FieldsIn in) {
        return new TokenGranted(in.text(1, SECRET_BYTES_MAX), in.text(2, SECRET_BYTES_MAX), in.size(3));
    }

    private static void welcome(Welcome frame, FieldsOut out) {
        out.uuid(1, frame.session())
                .u32(2, frame.epoch())
                .size(3, frame.mark())
                .u32(4, frame.window())
                .u32(5, frame.bodyBytesMax())
                .u32(6, frame.uncompressedBytesMax())
                .size(7, frame.leaseMillis())
                .i64(8, frame.clockMicros());
    }

    private static Welcome welcome(FieldsIn in) {
        return new Welcome(in.uuid(1), in.u32(2), in.size(3), in.u32(4), in.u32(5), in.u32(6), in.size(7), in.i64(8));
    }
}
