package org.pganalytics.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CommandsTest {
    @Test
    void whatACommandComplainsOfIsNoPartOfItsValue() throws Exception {
        assertEquals("7", Commands.run("sh", "-c", "echo a warning >&2; echo 7"));
    }

    @Test
    void aFailureSaysWhatTheCommandComplainedOf() {
        var failure = assertThrows(IOException.class, () -> Commands.run("sh", "-c", "echo too bad >&2; exit 3"));

        assertEquals("sh ended with 3: too bad", failure.getMessage());
    }

    @Test
    @Timeout(20)
    void aChildThatKeepsTheOutputOpenHoldsUpNobody() throws Exception {
        var child = Commands.run("sh", "-c", "sleep 30 & echo $!");

        assertTrue(ProcessHandle.of(Long.parseLong(child)).orElseThrow().destroy());
    }
}
