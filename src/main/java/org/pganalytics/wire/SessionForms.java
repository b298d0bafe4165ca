package org.pganalytics.wire;

import java.util.List;
import org.pganalytics.wire.Frame.Certified;
import org.pganalytics.wire.Frame.Certify;
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
    static final int CERTIFICATE_BYTES_MAX = 32_768;

    static final List<FrameForm<?>> ALL = List.of(
            new FrameForm<>(1, Register.class, SessionForms::register, SessionForms::register),
            new FrameForm<>(2, Registered.class, SessionForms::registered, SessionForms::registered),
            new FrameForm<>(3, Hello.class, SessionForms::hello, SessionForms::hello),
            new FrameForm<>(4, Token.class, SessionForms::token, SessionForms::token),
            new FrameForm<>(5, TokenGranted.class, SessionForms::tokenGranted, SessionForms::tokenGranted),
            new FrameForm<>(6, Welcome.class, SessionForms::welcome, SessionForms::welcome),
            new FrameForm<>(18, Certify.class, SessionForms::certify, SessionForms::certify),
            new FrameForm<>(19, Certified.class, SessionForms::certified, SessionForms::certified));

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
        out.text(1, frame.token(), SECRET_BYTES_MAX)
                .text(2, frame.agent(), NAME_BYTES_MAX)
                .uuid(3, frame.instance())
                .bytes(4, NameList.write(frame.features(), "feature"))
                .i64(5, frame.clockMicros());
    }

    private static Hello hello(FieldsIn in) {
        return new Hello(
                in.text(1, SECRET_BYTES_MAX),
                in.text(2, NAME_BYTES_MAX),
                in.uuid(3),
                NameList.read(in.list(4), "feature"),
                in.i64(5));
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

    private static void certify(Certify frame, FieldsOut out) {
        out.text(1, frame.token(), SECRET_BYTES_MAX)
                .text(2, frame.refreshSecret(), SECRET_BYTES_MAX)
                .lines(3, frame.request(), CERTIFICATE_BYTES_MAX);
    }

    private static Certify certify(FieldsIn in) {
        return new Certify(
                in.text(1, SECRET_BYTES_MAX), in.text(2, SECRET_BYTES_MAX), in.lines(3, CERTIFICATE_BYTES_MAX));
    }

    private static void certified(Certified frame, FieldsOut out) {
        out.lines(1, frame.certificate(), CERTIFICATE_BYTES_MAX).size(2, frame.lifetimeMillis());
    }

    private static Certified certified(FieldsIn in) {
        return new Certified(in.lines(1, CERTIFICATE_BYTES_MAX), in.size(2));
    }
}
