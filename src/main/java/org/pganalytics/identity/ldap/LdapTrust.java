package org.pganalytics.identity.ldap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.pganalytics.fault.WrongValueException;

/** Which authorities may certify the directory. Blocking. */
public final class LdapTrust {
    private static final String SETTING = "identity.ldap.ca-file";

    private LdapTrust() {}

    /** Whether its file is one; none configured is right, too. */
    public static List<WrongValueException> wrong(LdapConfig config) {
        try {
            if (config != null && config.isConfigured()) {
                context(config);
            }
            return List.of();
        } catch (WrongValueException wrong) {
            return List.of(wrong);
        }
    }

    static SSLContext context(LdapConfig config) {
        try {
            var context = SSLContext.getInstance("TLS");
            if (config.caFile() == null) {
                context.init(null, null, null);
                return context;
            }
            var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(store(config.caFile()));
            context.init(null, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new WrongValueException(
                    SETTING, config.caFile() + ", which holds no PEM certificates", "certificates in PEM", e);
        }
    }

    private static KeyStore store(Path file) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (var certificate : certificates(file)) {
            store.setCertificateEntry("ca" + store.size(), certificate);
        }
        if (store.size() == 0) {
            throw new IOException("no certificate");
        }
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        try (var in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }
}
