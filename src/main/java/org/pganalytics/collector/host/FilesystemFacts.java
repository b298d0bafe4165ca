package org.pganalytics.collector.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /proc/self/mountinfo}: one row a file system on this machine's disks, at the first place it is mounted. */
final class FilesystemFacts implements HostFacts.Facts {
    /** Not those over a network, which may not answer for a long time, nor those in memory. */
    private static final Set<String> ON_DISK =
            Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs", "overlay");

    private static final int DEVICE = 2;
    private static final int MOUNT_POINT = 4;

    private final ProcFiles files;

    FilesystemFacts(ProcFiles files) {
        this.files = files;
    }

    @Override
    public List<Map<String, Object>> rows() throws IOException {
        var rowsByDevice = new LinkedHashMap<String, Map<String, Object>>();
        for (var words : files.lines("self/mountinfo")) {
            int type = Arrays.asList(words).indexOf("-") + 1;
            if (type > MOUNT_POINT && type + 1 < words.length && ON_DISK.contains(words[type])) {
                rowsByDevice.computeIfAbsent(words[DEVICE], device -> row(words, type));
            }
        }
        return rowsByDevice.values().stream().filter(row -> !row.isEmpty()).toList();
    }

    /** Empty when it cannot be asked: it is gone, or this user may not look. */
    private static Map<String, Object> row(String[] words, int type) {
        try {
            var path = unescaped(words[MOUNT_POINT]);
            return row(words, type, path, Files.getFileStore(Path.of(path)));
        } catch (IOException | java.nio.file.InvalidPathException gone) {
            return Map.of();
        }
    }

    private static Map<String, Object> row(String[] words, int type, String path, FileStore store) throws IOException {
        var row = new HashMap<String, Object>();
        row.put("mount_point", path);
        row.put("device", unescaped(words[type + 1]));
        row.put("filesystem", words[type]);
        row.put("total_bytes", store.getTotalSpace());
        row.put("free_bytes", store.getUnallocatedSpace());
        row.put("available_bytes", store.getUsableSpace());
        row.put("is_read_only", Arrays.asList(words[MOUNT_POINT + 1].split(",")).contains("ro"));
        return row;
    }

    /** Blanks and their like are written as three octal digits; the bytes are UTF-8 mostly. */
    private static String unescaped(String word) {
        var bytes = new java.io.ByteArrayOutputStream();
        for (int at = 0; at < word.length(); at++) {
            boolean octal = word.charAt(at) == '\\' && word.substring(at + 1).matches("(?s)[0-3][0-7]{2}.*");
            bytes.write(octal ? Integer.parseInt(word.substring(at + 1, at + 4), 8) : word.charAt(at));
            at += octal ? 3 : 0;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
