package org.pganalytics.house;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every dependency has its line in docs/dependencies.md, and no line has outlived its dependency. */
class DependenciesPageTest {
    private static final Pattern DEPENDENCY =
            Pattern.compile("<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

    @Test
    void thePageAndThePomAgree() throws IOException {
        var pom = Files.readString(Path.of("pom.xml"));
        var declared = pom.substring(pom.indexOf("</dependencyManagement>"), pom.indexOf("<build>"));
        var inPom = new TreeSet<String>();
        DEPENDENCY.matcher(declared).results().forEach(found -> inPom.add(found.group(1) + ":" + found.group(2)));
        var onPage = new TreeSet<String>();
        ROW.matcher(Files.readString(Path.of("docs/dependencies.md")))
                .results()
                .forEach(found -> onPage.add(found.group(1)));

        assertEquals(inPom, onPage);
    }
}
