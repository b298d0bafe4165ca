package org.pganalytics.wire;

import java.util.List;
import java.util.Optional;
import org.pganalytics.wire.Frame.Config;
import org.pganalytics.wire.Frame.ConfigChanged;
import org.pganalytics.wire.Frame.ConfigRequest;

/** The frames by which a collector gets its configuration. */
final class ConfigForms {
    static final int TAG_BYTES_MAX = 128;
    static final int DOCUMENT_BYTES_MAX = 64_000;

    static final List<FrameForm<?>> ALL = List.of(
            new FrameForm<>(15, ConfigRequest.class, ConfigForms::request, ConfigForms::request),
            new FrameForm<>(16, Config.class, ConfigForms::config, ConfigForms::config),
            new FrameForm<>(17, ConfigChanged.class, ConfigForms::changed, ConfigForms::changed));

    private ConfigForms() {}

    private static void request(ConfigRequest frame, FieldsOut out) {
        out.text(1, frame.running(), TAG_BYTES_MAX)
                .text(2, frame.refused(), TAG_BYTES_MAX)
                .text(3, Utf8.oneLine(frame.note(), FlowForms.DETAIL_BYTES_MAX), FlowForms.DETAIL_BYTES_MAX)
                .bytes(4, NameList.write(frame.labels(), "label"));
    }

    private static ConfigRequest request(FieldsIn in) {
        return new ConfigRequest(
                in.text(1, TAG_BYTES_MAX),
                in.text(2, TAG_BYTES_MAX),
                in.text(3, FlowForms.DETAIL_BYTES_MAX),
                NameList.read(in.list(4), "label"));
    }

    private static void config(Config frame, FieldsOut out) {
        out.text(1, frame.tag(), TAG_BYTES_MAX);
        frame.document().ifPresent(document -> out.text(2, document, DOCUMENT_BYTES_MAX));
    }

    private static Config config(FieldsIn in) {
        return new Config(
                in.text(1, TAG_BYTES_MAX), in.has(2) ? Optional.of(in.text(2, DOCUMENT_BYTES_MAX)) : Optional.empty());
    }

    private static void changed(ConfigChanged frame, FieldsOut out) {
        out.size(1, frame.withinMillis());
    }

    private static ConfigChanged changed(FieldsIn in) {
        return new ConfigChanged(in.size(1));
    }
}
