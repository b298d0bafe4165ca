package org.pganalytics.house;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the source tree for what no compiler minds and every reader does. */
class TidyTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final Pattern BARE_TODO = Pattern.compile("\\bTO" + "DO\\b(?! \\(#\\d+\\))|\\bFIX" + "ME\\b");

    @Test
    void noLineIsLongerThanAPage() throws IOException {
        var found = new ArrayList<String>();
        for (var file : javaFiles(Path.of("src"))) {
            Files.readAllLines(file).stream()
                    .filter(line -> line.length() > 125)
                    .forEach(line -> found.add(file + ": " + line));
        }
        assertEquals(List.of(), found);
    }

    @Test
    void nothingIsLeftOpenInTheCode() throws IOException {
        var found = new ArrayList<Path>();
        for (var file : javaFiles(Path.of("src"))) {
            if (BARE_TODO.matcher(Files.readString(file)).find()) {
                found.add(file);
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void onlyCommandsPrint() throws IOException {
        var found = new ArrayList<Path>();
        for (var file : javaFiles(MAIN)) {
            if (!file.toString().contains("/boot/") && Files.readString(file).contains("System.out")) {
                found.add(file);
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void everyRoomSaysItsPurpose() {
        for (var room : HousePlan.read().doorsByRoom().keySet()) {
            assertTrue(Files.exists(MAIN.resolve("org/pganalytics/" + room + "/package-info.java")), room);
        }
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
