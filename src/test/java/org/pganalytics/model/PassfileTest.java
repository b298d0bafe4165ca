package org.pganalytics.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Password files, as libpq reads them. */
class PassfileTest {
    private static final List<String> LINES = """
            # a comment
            #:5432:db:postgres:commented
            other:5432:db:postgres:wrong
            127.0.0.1:5432:*:post\\:gres:with:a\\:colon
            back\\\\slash:5432:db:postgres:slashed
            *:*:*:postgres:right
            *:*:*:postgres:too late
            *:*:*:silent:
            """.lines().toList();

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,postgres,right",
        "127.0.0.1,post:gres,with:a:colon",
        "back\\slash,postgres,slashed",
        "other,postgres,wrong",
        "127.0.0.1,silent,''",
        "127.0.0.1,nobody,"
    })
    void theFirstFittingLineHasThePassword(String host, String user, String expected) {
        assertEquals(Optional.ofNullable(expected), Passfile.password(LINES, host, 5432, "db", user));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "a:b:c:d", "*:*:*:u", "\\", "*:*:*:\\", "*:*:*:u\\:p"})
    void aLineThatIsNoneFitsNobody(String line) {
        assertEquals(Optional.empty(), Passfile.password(List.of(line), "h", 1, "d", "u"));
    }

    @Test
    void anEmptyFileHasNone() {
        assertEquals(Optional.empty(), Passfile.password(List.of(), "h", 1, "d", "u"));
    }
}
