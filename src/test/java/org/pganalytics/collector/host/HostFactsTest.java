package org.pganalytics.collector.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pganalytics.config.FamilyFiles;
import org.pganalytics.model.Column;
import org.pganalytics.model.MetricFamily;
import org.pganalytics.model.MetricFamily.Source;

/** Files as Linux writes them, written by hand, and those of this machine. */
class HostFactsTest {
    @TempDir
    Path root;

    private HostFacts facts;

    @BeforeEach
    void open() throws IOException {
        facts = new HostFacts(root.resolve("proc"), root.resolve("sys"));
        write("stat", """
                cpu  1000 20 300 40000 50 6 7 8 0 0
                cpu0 500 10 150 20000 25 3 3 4 0 0
                cpu1 500 10 150 20000 25 3 4 4 0 0
                intr 123456 0 0
                ctxt 777
                btime 1700000000
                processes 4242
                procs_running 3
                procs_blocked 1
                """);
    }

    private void write(String name, String text) throws IOException {
        var file = root.resolve("proc").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Map<String, Object> one(String family) throws IOException {
        var rows = facts.rows(family);
        assertEquals(1, rows.size(), rows::toString);
        return rows.get(0);
    }

    @Test
    void cpuTimesAreSecondsOfAllCpus() throws IOException {
        var row = one("host_cpu");
        assertEquals(10.0, row.get("user_seconds"));
        assertEquals(400.0, row.get("idle_seconds"));
        assertEquals(0.08, row.get("steal_seconds"));
        assertEquals(2, row.get("cpus"));
        assertEquals(777L, row.get("context_switches"));
        assertEquals(1L, row.get("processes_blocked"));
    }

    @Test
    void loadIsToldWithPressureWhereTheKernelHasIt() throws IOException {
        write("loadavg", "0.50 1.25 2.00 3/456 7890\n");
        write("uptime", "12345.67 23456.78\n");
        var without = one("host_load");
        assertEquals(1.25, without.get("load_5m"));
        assertEquals(3L, without.get("tasks_runnable"));
        assertEquals(12345.67, without.get("uptime_seconds"));
        assertFalse(without.containsKey("io_stalled_some_seconds"));
        write("pressure/io", """
                some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000
                full avg10=0.00 avg60=0.00 avg300=0.00 total=1500000
                """);
        assertEquals(2.5, one("host_load").get("io_stalled_some_seconds"));
        assertEquals(1.5, one("host_load").get("io_stalled_full_seconds"));
    }

    @Test
    void memoryIsBytesAndWhatAKernelDoesNotTellIsAbsent() throws IOException {
        write(
                "meminfo",
                "MemTotal:       1000 kB\nMemAvailable:    400 kB\nHugePages_Total:       5\nHugepagesize:  2048 kB\n");
        write("vmstat", "pswpin 7\npgmajfault 9\noom_kill 1\n");
        var row = one("host_memory");
        assertEquals(1_024_000L, row.get("total_bytes"));
        assertEquals(5L, row.get("huge_pages_total"));
        assertEquals(2_097_152L, row.get("huge_page_bytes"));
        assertEquals(7L, row.get("swapped_in_pages"));
        assertEquals(1L, row.get("oom_kills"));
        assertNull(row.get("swap_total_bytes"));
    }

    @Test
    void disksAreWholeDevicesThatWereUsed() throws IOException {
        Files.createDirectories(root.resolve("sys/block/vda"));
        Files.createDirectories(root.resolve("sys/block/loop0"));
        Files.createDirectories(root.resolve("sys/block/cciss!c0d0"));
        write("diskstats", """
                   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0
                 254       0 vda 10 1 80 30 20 2 160 50 4 60 70 5 0 40 6 7 8
                 254       1 vda1 10 1 80 30 20 2 160 50 4 60 70 5 0 40 6 7 8
                 104       0 cciss/c0d0 1 0 2 3 4 5 6 7 8 9 10
                """);
        var rows = facts.rows("host_disk");
        assertEquals(
                List.of("vda", "cciss/c0d0"),
                rows.stream().map(row -> row.get("device")).toList());
        assertEquals(80L * 512, rows.get(0).get("read_bytes"));
        assertEquals(50L, rows.get(0).get("write_time"));
        assertEquals(4L, rows.get(0).get("in_flight"));
        assertEquals(40L * 512, rows.get(0).get("discarded_bytes"));
        assertEquals(7L, rows.get(0).get("flushes"));
        assertNull(rows.get(1).get("flushes"), "an old kernel");
    }

    @Test
    void filesystemsOnDiskAreToldOnceEach() throws IOException {
        var blank = Files.createDirectories(root.resolve("a b"));
        write("self/mountinfo", """
                22 27 0:21 / /proc rw,relatime - proc proc rw
                27 1 254:0 / %1$s rw,relatime shared:1 master:2 - ext4 /dev/vda rw
                28 1 254:0 /x / ro,relatime - ext4 /dev/vda rw
                29 1 0:44 / %2$s rw - nfs4 server:/x rw
                30 1 254:1 / /no/such/place rw - xfs /dev/vdb rw
                broken
                """.formatted(blank.toString().replace(" ", "\\040"), root));
        var rows = facts.rows("host_filesystem");
        assertEquals(1, rows.size(), rows::toString);
        assertEquals(blank.toString(), rows.get(0).get("mount_point"));
        assertEquals("/dev/vda", rows.get(0).get("device"));
        assertEquals(false, rows.get(0).get("is_read_only"));
        assertTrue((long) rows.get(0).get("total_bytes") > 0);
    }

    @Test
    void interfacesThatWereNeverUsedAreLeftOut() throws IOException {
        write("net/dev", """
                Inter-|   Receive |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
                    lo: 100 2 0 0 0 0 0 0 100 2 0 0 0 0 0 0
                  ifb0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
                eth0:123456 789 1 2 0 0 0 0 654321 987 3 4 0 0 0 0
                """);
        var rows = facts.rows("host_network");
        assertEquals(
                List.of("lo", "eth0"),
                rows.stream().map(row -> row.get("interface")).toList());
        assertEquals(123456L, rows.get(1).get("received_bytes"));
        assertEquals(4L, rows.get(1).get("send_drops"));
    }

    @Test
    void anotherSystemThanLinuxIsToldAsAMissingFile() {
        var nowhere = new HostFacts(root.resolve("none"), root.resolve("none"));
        nowhere.families().forEach(family -> assertThrows(IOException.class, () -> nowhere.rows(family), family));
    }

    @Test
    void onThisMachineEveryDeclaredFamilyHasItsColumnsAndNoOther() throws IOException {
        var here = HostFacts.ofThisMachine();
        var declared = FamilyFiles.load(Path.of("conf/families")).stream()
                .filter(family -> family.reading().source() == Source.HOST)
                .collect(Collectors.toMap(MetricFamily::name, family -> family));
        assertEquals(declared.keySet(), here.families());
        for (var family : declared.values()) {
            var columns = family.schema().columns().stream().map(Column::name).collect(Collectors.toSet());
            for (var row : here.rows(family.name())) {
                assertTrue(columns.containsAll(row.keySet()), family.name() + ": " + row.keySet());
            }
        }
        assertFalse(here.rows("host_cpu").isEmpty());
        assertFalse(here.rows("host_filesystem").isEmpty());
    }
}
