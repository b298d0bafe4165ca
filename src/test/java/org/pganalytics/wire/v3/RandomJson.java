package org.pganalytics.wire.v3;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Objects of JSON in all its forms, and in some that are wrong. */
final class RandomJson {
    private static final String[] SPACES = {"", "", "", "", " ", "\n", "\t\r\n "};
    private static final String[] ESCAPES = {
        "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\u0000", "\\ud83d\\ude00", "\\ud800", "\\t\\b\\f\\r"
    };
    private static final String[] TEXTS = {"é", "€", "😀", "\uFFFD", "\u007F", "SELECT * FROM t WHERE id = $1", "a", ""
    };
    private static final String[] ODD_NUMBERS = {
        "-0",
        "-0.0",
        "0e0",
        "1e400",
        "-1E-400",
        "1e+5",
        "0.1e-7",
        "123e22",
        "9007199254740993.0",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e0022",
        "0.00000000000000000000000000000001",
        "4.9e-324",
        "2.2250738585072011e-308",
        "99999999999999999999999999999"
    };
    private static final String[] WRONG = {
        "01",
        "-",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "--1",
        "1-2",
        "1.2.3",
        "1e5.5",
        "truth",
        "nul",
        "NaN",
        "Infinity",
        "\"\\x\"",
        "\"\\ud8\"",
        "\"\u0001\"",
        "'a'",
        "",
        "}",
        "]",
        ",",
        ":",
        "/**/1",
        "-01",
        "0x10",
        "1_000",
        "True",
        "\"a\"\"b\""
    };

    private final Random random;
    private final boolean wrong;

    /** @param wrong whether one value in some is none */
    RandomJson(Random random, boolean wrong) {
        this.random = random;
        this.wrong = wrong;
    }

    byte[] object() {
        var json = new StringBuilder();
        object(json, 4);
        return json.append(space()).toString().getBytes(StandardCharsets.UTF_8);
    }

    private String one(String[] of) {
        return of[random.nextInt(of.length)];
    }

    private String space() {
        return one(SPACES);
    }

    private void object(StringBuilder json, int deeper) {
        json.append(space()).append('{').append(space());
        int members = random.nextInt(5);
        for (int member = 0; member < members; member++) {
            json.append(member == 0 ? "" : ",").append(space());
            text(json);
            json.append(space()).append(':').append(space());
            value(json, deeper);
            json.append(space());
        }
        json.append('}');
    }

    private void array(StringBuilder json, int deeper) {
        json.append('[').append(space());
        int elements = random.nextInt(5);
        for (int element = 0; element < elements; element++) {
            json.append(element == 0 ? "" : ",").append(space());
            value(json, deeper);
            json.append(space());
        }
        json.append(']');
    }

    private void value(StringBuilder json, int deeper) {
        if (wrong && random.nextInt(12) == 0) {
            json.append(one(WRONG));
            return;
        }
        switch (random.nextInt(deeper > 0 ? 7 : 5)) {
            case 0 -> json.append(random.nextBoolean());
            case 1 -> json.append("null");
            case 2, 3 -> json.append(number());
            case 4 -> text(json);
            case 5 -> array(json, deeper - 1);
            default -> object(json, deeper - 1);
        }
    }

    private void text(StringBuilder json) {
        json.append('"');
        for (int part = random.nextInt(4); part > 0; part--) {
            json.append(random.nextInt(4) == 0 ? one(ESCAPES) : one(TEXTS));
        }
        json.append('"');
    }

    String number() {
        return switch (random.nextInt(8)) {
            case 0 -> one(ODD_NUMBERS);
            case 1 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 2 -> Double.toString(random.nextGaussian() * 1e6);
            case 3 -> finite(Double.longBitsToDouble(random.nextLong()));
            case 4 ->
                BigDecimal.valueOf(random.nextLong() >> random.nextInt(64), random.nextInt(30))
                        .toString();
            case 5 -> new BigInteger(random.nextInt(330), random).toString();
            case 6 -> BigDecimal.valueOf(random.nextInt(), 3).toPlainString();
            default -> Integer.toString(random.nextInt(1_000));
        };
    }

    private static String finite(double value) {
        return Double.isFinite(value) ? Double.toString(value) : "1.5";
    }
}
