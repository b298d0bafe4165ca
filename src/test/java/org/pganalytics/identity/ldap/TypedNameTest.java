package org.pganalytics.identity.ldap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.unboundid.ldap.sdk.Filter;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What somebody typed, in a filter. */
class TypedNameTest {
    @Property(tries = 2_000)
    void whateverIsTypedIsTheValueOfOneComparison(@ForAll String typed) throws Exception {
        var directory = new Directory(LdapConfigs.of(List.of("ldap://127.0.0.1"), false, null, "(uid={name})", 0));
        var filter = directory.filter(typed);
        assertEquals(Filter.FILTER_TYPE_EQUALITY, filter.getFilterType());
        assertEquals("uid", filter.getAttributeName());
        // What is no text in UTF-8 becomes question marks, before any comparison.
        assertEquals(new String(typed.getBytes(UTF_8), UTF_8), filter.getAssertionValue());
    }
}
