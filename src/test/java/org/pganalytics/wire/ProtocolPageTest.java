package org.pganalytics.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pganalytics.fault.Fault;
import org.pganalytics.model.ColumnRole;
import org.pganalytics.model.ColumnType;
import org.pganalytics.model.Loss;

/** docs/protocol.md is the norm: its tables say what the code does. */
class ProtocolPageTest {
    private static final String PAGE = read();

    @Test
    void theTableOfFaultsIsThatOfTheCode() {
        var page = rows("\\| (\\d+) \\| ([A-Z_]+) \\| (\\d{3}) \\| ([012]) \\|")
                .map(row -> "%s %s %s %s".formatted(row.group(1), row.group(2), row.group(3), row.group(4)))
                .toList();
        var code = Arrays.stream(Fault.values())
                .map(fault -> "%d %s %d %d"
                        .formatted(
                                fault.wireCode(),
                                fault,
                                fault.httpStatus(),
                                fault.retryable() ? 0 : fault.settles() ? 2 : 1))
                .toList();

        assertEquals(code, page);
    }

    @Test
    void theTableOfFrameTypesIsThatOfTheCode() {
        var page = rows("\\| (\\d+) \\| ([A-Z_]+) \\| (?:C|S|both) \\|")
                .map(row -> row.group(1) + " " + row.group(2).replace("_", ""))
                .toList();
        var code = Stream.of(SessionForms.ALL.stream(), FlowForms.ALL.stream(), ConfigForms.ALL.stream())
                .flatMap(forms -> forms)
                .sorted(Comparator.comparingInt(FrameForm::type))
                .map(form -> form.type() + " " + form.frame().getSimpleName().toUpperCase(Locale.ROOT))
                .collect(Collectors.toCollection(ArrayList::new));
        code.add(7, "8 BATCH");

        assertEquals(code, page);
    }

    @Test
    void typesRolesAndReasonsHaveTheNumbersOfThePage() {
        inOrder(
                "column type",
                Arrays.stream(ColumnType.values()).map(ColumnType::sqlName).toList());
        inOrder(
                "column role",
                Arrays.stream(ColumnRole.values()).map(ColumnRole::declaredName).toList());
        for (var reason : Loss.Reason.values()) {
            assertTrue(PAGE.contains(reason.wireCode() + " " + JsonLosses.name(reason)), reason::name);
        }
    }

    @Test
    void theLimitsOfThePageAreThoseOfTheCode() {
        var standard = WireLimits.standard();

        assertTrue(PAGE.contains(
                "defaults %,d, %,d and a quarter of".formatted(standard.blocksMax(), standard.rowsMax())));
        assertTrue(PAGE.contains("(default %,d)".formatted(standard.ratioMax())));
        assertEquals(standard.uncompressedBytesMax() / 4, standard.cellsMax());
        assertTrue(PAGE.contains("any other type at most %,d bytes".formatted(FrameCodec.CONTROL_BYTES_MAX)));
        assertTrue(PAGE.contains("Up to %,d SCHEMA frames".formatted(HttpBatch.SCHEMAS_MAX)));
        assertTrue(PAGE.contains("### `" + HttpBatch.MEDIA_TYPE + "`"));
    }

    @Test
    void theJsonOfThePageIsReadAsItStands() {
        var json = Pattern.compile("^    (\\{\"epoch\".*?\\]\\]\\}\\]\\})$", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(PAGE)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        var push = new NativeJson(WireLimits.standard()).parse(Buffer.buffer(json));

        assertEquals(2, push.content().rows());
        assertEquals(12, push.losses().get(0).rows());
    }

    private static void inOrder(String what, List<String> names) {
        assertTrue(PAGE.contains("| " + what + " | " + String.join(" | ", names) + " |"), what);
    }

    private static Stream<MatchResult> rows(String pattern) {
        return Pattern.compile("^" + pattern, Pattern.MULTILINE).matcher(PAGE).results();
    }

    private static String read() {
        try {
            return Files.readString(Path.of("docs/protocol.md"));
        } catch (IOException e) {
            throw new IllegalStateException("docs/protocol.md is the norm", e);
        }
    }
}
