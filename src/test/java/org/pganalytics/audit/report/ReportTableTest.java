package org.pganalytics.audit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTableTest {
    private static String csv(Object... cells) {
        return new ReportTable(List.of("one", "other"), List.of(Arrays.asList(cells))).csv();
    }

    @Test
    void aCellIsQuotedWhereItMustBe() {
        assertEquals("one,other\r\nplain,7\r\n", csv("plain", 7L));
        assertEquals("one,other\r\n\"a, \"\"b\"\"\",\r\n", csv("a, \"b\"", null));
        assertEquals("one,other\r\n\"two\nlines\",true\r\n", csv("two\nlines", true));
    }

    @Test
    void textIsNoFormula() {
        assertEquals("one,other\r\n'=cmd|' /C calc'!A0,'@SUM(1)\r\n", csv("=cmd|' /C calc'!A0", "@SUM(1)"));
        assertEquals("one,other\r\n'+1,-1\r\n", csv("+1", -1L), "a number stays one");
    }

    @Test
    void withoutRowsThereAreTheNames() {
        assertEquals("one\r\n", new ReportTable(List.of("one"), List.of()).csv());
    }

    @Test
    void aRowHasAValueForEachColumn() {
        assertThrows(IllegalArgumentException.class, () -> csv("one only"));
    }
}
