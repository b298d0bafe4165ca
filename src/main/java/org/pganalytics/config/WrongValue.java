package org.pganalytics.config;

/**
 * What somebody else than {@code config} finds wrong with a value that was read.
 *
 * @param key the whole path
 * @param found what stands there; never a secret's value
 * @param allowed what may stand there
 */
public record WrongValue(String key, String found, String allowed) {}
