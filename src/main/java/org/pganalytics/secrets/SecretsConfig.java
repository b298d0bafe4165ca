package org.pganalytics.secrets;

import java.nio.file.Path;
import java.util.List;
import org.pganalytics.fault.WrongValueException;

/**
 * Where the keys are under which secrets in the database are sealed.
 *
 * @param keysFile the file with them, 0600 and the same on every server; null: none, or secrets.keys in data.dir with the
 *     embedded database
 * @param keys the same as text, lines separated by ';', for an environment that gives keys so; empty: the file is read
 * @param lostKeys ids of keys that nobody has any more: what is sealed under them is removed by the next start
 */
public record SecretsConfig(Path keysFile, String keys, List<String> lostKeys) {
    public SecretsConfig {
        lostKeys = List.copyOf(lostKeys);
        for (var id : lostKeys) {
            if (!KeyRing.isId(id)) {
                throw new WrongValueException("secrets.lost-keys", id, "ids of keys, such as k-1a2b3c4d");
            }
        }
        if (keysFile != null && !keys.isEmpty()) {
            throw new WrongValueException(
                    "secrets.keys", "keys, and secrets.keys-file = " + keysFile, "one of the two: leave the other out");
        }
    }

    /** Never the keys. */
    @Override
    public String toString() {
        return "SecretsConfig[keysFile=%s]".formatted(keysFile);
    }
}
