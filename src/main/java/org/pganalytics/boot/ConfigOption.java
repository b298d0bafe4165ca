package org.pganalytics.boot;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.pganalytics.config.EnvironmentNames;
import org.pganalytics.config.HomeDirectory;
import org.pganalytics.config.LogFormat;
import org.pganalytics.config.ServerConfig;
import org.pganalytics.config.ServerConfigFile;
import org.pganalytics.fault.WrongValueException;
import org.pganalytics.identity.ldap.LdapTrust;
import org.pganalytics.tls.CertificateFiles;
import org.pganalytics.tls.TlsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Which configuration a command reads. */
final class ConfigOption {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigOption.class);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The server's configuration, HOCON. Default: conf/pganalytics.conf where there is one."
                    + " Every key can also come from the environment.")
    private Path file;

    Path file() {
        if (file != null) {
            return file;
        }
        var usual = HomeDirectory.resolve("conf/pganalytics.conf");
        return Files.exists(usual) ? usual : null;
    }

    /** Text when what is said there is wrong, which {@link #load} tells. */
    LogFormat logFormat() {
        return ServerConfigFile.logFormat(file(), System.getenv());
    }

    ServerConfig load() {
        warn();
        return ServerConfigFile.load(file(), System.getenv());
    }

    /** As {@link #load}, for who is to show and to issue certificates: their files are read, too. Blocking. */
    ServerConfig loadWithCertificates() {
        warn();
        return check();
    }

    /** As {@link #loadWithCertificates}, without the warnings. */
    ServerConfig check() {
        return ServerConfigFile.load(file(), System.getenv(), ConfigOption::wrongCertificates);
    }

    private static void warn() {
        EnvironmentNames.warnings(System.getenv()).forEach(LOG::warn);
    }

    private static List<WrongValueException> wrongCertificates(ServerConfig read) {
        var listeners = new LinkedHashMap<String, TlsConfig>();
        listeners.put("tcp", read.tcpTls());
        listeners.put("http", read.httpTls());
        listeners.put("management", read.managementTls());
        var wrong = new ArrayList<>(CertificateFiles.wrong(read.certificates().ca(), listeners, Clock.systemUTC()));
        wrong.addAll(LdapTrust.wrong(read.ldap()));
        return wrong;
    }
}
