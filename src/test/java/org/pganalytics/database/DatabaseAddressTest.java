package org.pganalytics.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A libpq URI means here what it means to libpq, and what we do not support is refused by name. */
class DatabaseAddressTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql://u@db.example:6432/d, db.example 6432 d u  PREFER",
        "postgres://u:p%40s%3As+x@localhost/d, localhost 5432 d u p@s:s+x DISABLE",
        "postgresql://db.example, db.example 5432 pganalytics pganalytics  PREFER",
        "postgresql://u@[::1]:5433/d, ::1 5433 d u  DISABLE",
        "postgresql://u@h/d?sslmode=verify-full&sslrootcert=system, h 5432 d u  VERIFY_FULL",
        "postgresql:///d?host=h&user=u&password=p&sslmode=require, h 5432 d u p REQUIRE",
        "postgresql://u@h/d?port=5433, h 5433 d u  PREFER",
        "postgresql://u@:5433/d?host=h, h 5433 d u  PREFER",
        "postgresql://u@/d?host=::1, ::1 5432 d u  DISABLE"
    })
    void aUriIsReadAsLibpqReadsIt(String url, String expected) {
        var it = DatabaseAddress.parse(url);
        assertEquals(
                expected,
                "%s %d %s %s %s %s".formatted(it.host(), it.port(), it.database(), it.user(), it.password(), it.ssl()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql://u@a,b:5433/d | a:5432,b:5433 PREFER",
                "postgresql://u@a:1,[::1]:2,/d | a:1,[::1]:2,localhost:5432 PREFER",
                "postgresql://u@127.0.0.1:1,127.0.0.1:2/d?target_session_attrs=primary | 127.0.0.1:1,127.0.0.1:2 DISABLE",
                "postgresql:///d?host=a,b&port=7&sslmode=require | a:7,b:7 REQUIRE",
                "postgresql:///d?host=a,b&port=7,8 | a:7,b:8 PREFER"
            })
    void severalHostsAreReadAsLibpqReadsThem(String url, String expected) {
        var it = DatabaseAddress.parse(url);
        var hosts = it.hosts().stream().map(DatabaseHost::toString).collect(Collectors.joining(","));
        assertEquals(expected, hosts + " " + it.ssl());
        assertEquals(it.hosts(), DatabaseAddress.parse(it.url()).hosts());
    }

    @ParameterizedTest
    @CsvSource({
        "mysql://h/d,                        a database URL begins with postgresql://",
        "postgresql://a_host/%zz,            %25 stands for a % itself",
        "postgresql://no host/d,             host 'no host' of the database URL is no address and no name",
        "postgresql://1.2.3.400/d,           host '1.2.3.400' of the database URL is no address and no name",
        "postgresql://[1:2]/d,               host '[1:2]' of the database URL is no address and no name",
        "postgresql://::1/d,                 an IPv6 address stands in brackets",
        "'postgresql:///d?host=a,b&port=1,2,3', has 2 hosts and 3 ports",
        "'postgresql://a,b/d?target_session_attrs=any', must be read-write or primary: the server writes",
        "'postgresql://a,a,b,c,d,e,f,g,h,i,j/d', names at most 10 hosts",
        "postgresql://h:0/d,                 port '0' of the database URL must be 1 to 65535",
        "postgresql://h:70000/d,             port '70000' of the database URL must be 1 to 65535",
        "postgresql://h/d?sslmode=verify-ca, 'sslmode=verify-ca of the database URL must be disable'",
        "postgresql://h/d?options=x,         parameter 'options' of the database URL is not supported",
        "postgresql:///d?host=/run,          a unix socket is not supported"
    })
    void whatIsNotSupportedIsRefusedByName(String url, String message) {
        var refused = assertThrows(IllegalArgumentException.class, () -> DatabaseAddress.parse(url));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    @Test
    void aPasswordIsNeverPrinted() {
        var address = DatabaseAddress.parse("postgresql://u:s3cret@h/d");
        assertFalse((address + address.url()).contains("s3cret"));
        var config = DatabaseConfig.of("postgresql://u:s3cret@h/d", EmbeddedPostgresConfig.in(Path.of("x")));
        assertFalse(config.toString().contains("s3cret"));
        var refused = assertThrows(
                IllegalArgumentException.class, () -> DatabaseAddress.parse("postgresql://u:s3c/ret@h:x/d"));
        assertFalse(refused.getMessage().contains("s3c"), refused.getMessage());
    }

    @Test
    void aPassfileGivesThePasswordOfTheFirstLineThatFits(@TempDir Path folder) throws IOException {
        var file = folder.resolve("pass");
        Files.write(file, List.of("# a comment", "other:*:*:u:no", "h:5432:*:u:with\\:colon\\\\", "*:*:*:*:last"));

        assertEquals(Optional.of("with:colon\\"), Passfile.password(file, "h", 5432, "d", "u"));
        assertEquals(Optional.of("last"), Passfile.password(file, "h", 5433, "d", "u"));
        assertEquals(
                "with:colon\\",
                DatabaseAddress.parse("postgresql://u@h/d").withPassfile(file).password());
        assertEquals(
                "own",
                DatabaseAddress.parse("postgresql://u:own@h/d")
                        .withPassfile(file)
                        .password());
    }

    @ParameterizedTest
    @CsvSource({
        "'', false, 0, false",
        "'12', false, 0, false",
        "'x|/d|1|2', false, 0, false",
        "'12|/d|1', true, 0, false",
        "'12|/d|1|5432||127.0.0.1|  1 2|starting', true, 5432, false",
        "'12|/d|1|5432||127.0.0.1|  1 2|ready   ', true, 5432, true"
    })
    void aPidFileIsReadOrFoundUseless(String lines, boolean sense, int port, boolean ready) {
        var file = PidFile.parse(lines.isEmpty() ? List.of() : List.of(lines.split("\\|")));
        assertEquals(sense, file.isPresent());
        file.ifPresent(it -> assertEquals(new PidFile(12, Path.of("/d"), port, ready), it));
    }
}
