package org.pganalytics.tls;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pganalytics.fault.WrongValueException;

/** Reads the files of certificates and keys as a server does it, and tells which it would refuse. */
public final class CertificateFiles {
    private final Clock clock;
    private final List<WrongValueException> wrong = new ArrayList<>();

    private CertificateFiles(Clock clock) {
        this.clock = clock;
    }

    /**
     * Blocking.
     *
     * @param ca null when what is said of it cannot be used
     * @param listeners by the section of the configuration, such as {@code tcp}
     * @return what is wrong, at most once a file; empty when a server can start with them
     */
    public static List<WrongValueException> wrong(AuthorityConfig ca, Map<String, TlsConfig> listeners, Clock clock) {
        var files = new CertificateFiles(clock);
        if (ca != null && ca.isSet()) {
            files.look(ca);
        }
        listeners.forEach(files::look);
        return List.copyOf(files.wrong);
    }

    private void look(AuthorityConfig ca) {
        boolean certificate = holds(() -> Authority.readChain(ca, clock));
        boolean key = holds(() -> Pem.key(Authority.KEY, ca.key(), Authority.readKey(ca)));
        if (certificate && key) {
            holds(() -> Authority.load(ca, clock));
        }
    }

    private void look(String listener, TlsConfig tls) {
        if (tls.mode() != TlsConfig.Mode.ON) {
            return;
        }
        var setting = listener + ".tls.certificate";
        var keySetting = listener + ".tls.key";
        boolean certificate =
                holds(() -> Certificates.own(setting, tls.certificate(), Pem.read(setting, tls.certificate()), clock));
        boolean key = holds(() -> Pem.key(keySetting, tls.key(), Pem.read(keySetting, tls.key())));
        if (certificate && key) {
            holds(() -> Certificates.load(listener, tls, clock));
        }
        holds(() -> ListenerSecurity.readFurtherAuthorities(listener, tls));
    }

    private boolean holds(Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (WrongValueException bad) {
            wrong.add(bad);
            return false;
        }
    }
}
