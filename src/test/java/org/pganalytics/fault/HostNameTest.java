package org.pganalytics.fault;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be a host is told from what cannot, without asking anybody. */
class HostNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "0.0.0.0",
                "255.255.255.255",
                "::",
                "::1",
                "[::1]",
                "fe80::1%eth0",
                "2001:db8::7",
                "::ffff:10.0.0.1",
                "localhost",
                "db",
                "a_b-c",
                "db.example.org",
                "db.example.org.",
                "1st.example.org"
            })
    void anAddressOrANameIs(String host) {
        assertTrue(HostName.isPossible(host), host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "a b",
                "a..b",
                "-a",
                "a-",
                "127.0.0.256",
                "127.0.0",
                "1.2.3.4.5",
                "7",
                "127.0.0.1:7431",
                "::g",
                "[::1",
                "1:2",
                "host:7431",
                "a/b",
                "a\u0000b",
                "bücher",
                "${HOST}"
            })
    void anythingElseIsNot(String host) {
        assertFalse(HostName.isPossible(host), host);
    }

    @Test
    void noLabelAndNoNameIsLongerThanDnsHasThem() {
        assertTrue(HostName.isPossible("a".repeat(63)));
        assertFalse(HostName.isPossible("a".repeat(64)));
        assertTrue(HostName.isPossible("a.".repeat(126) + "a"));
        assertFalse(HostName.isPossible("a.".repeat(127) + "a"));
    }
}
