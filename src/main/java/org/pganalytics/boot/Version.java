package org.pganalytics.boot;

import picocli.CommandLine.IVersionProvider;

/** The version as the build wrote it into the manifest. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"pganalytics " + number()};
    }

    static String number() {
        var version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
