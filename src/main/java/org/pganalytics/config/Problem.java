package org.pganalytics.config;

/**
 * One thing wrong in a configuration.
 *
 * @param file where it was said, or the environment variable that said it
 * @param line in that file from 1, or 0 when there is none
 * @param key the whole path
 * @param found what stands there; never a secret's value
 * @param allowed what may stand there
 */
public record Problem(String file, int line, String key, String found, String allowed) {
    @Override
    public String toString() {
        var place = line > 0 ? file + ":" + line : file;
        return "%s: %s: found %s; allowed is %s".formatted(place, key, found, allowed);
    }
}
