package org.pganalytics.collector.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rows of the host families, read from files now. Blocking, though they are in memory; for any thread. */
public final class HostFacts {
    private final Map<String, Facts> factsByFamily;

    /** One family's rows, by column. */
    @FunctionalInterface
    interface Facts {
        List<Map<String, Object>> rows() throws IOException;
    }

    /** @param proc where proc is mounted; @param sys where sysfs is */
    public HostFacts(Path proc, Path sys) {
        var files = new ProcFiles(proc);
        this.factsByFamily = Map.of(
                "host_cpu", new CpuFacts(files),
                "host_load", new LoadFacts(files),
                "host_memory", new MemoryFacts(files),
                "host_disk", new DiskFacts(files, sys.resolve("block")),
                "host_filesystem", new FilesystemFacts(files),
                "host_network", new NetworkFacts(files));
    }

    public static HostFacts ofThisMachine() {
        return new HostFacts(Path.of("/proc"), Path.of("/sys"));
    }

    /** The families there are rows for. */
    public Set<String> families() {
        return factsByFamily.keySet();
    }

    /** @param family one of {@link #families}. @throws IOException when a file is missing, as on other systems than Linux */
    public List<Map<String, Object>> rows(String family) throws IOException {
        return factsByFamily.get(family).rows();
    }
}
