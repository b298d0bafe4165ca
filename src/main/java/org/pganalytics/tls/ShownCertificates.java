package org.pganalytics.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks for certificates of these authorities and lets the handshake go on with any: it proves that the peer has the key.
 * Whether the certificate holds is decided by {@link ClientCertificates} where a collector says who it is. A handshake that
 * failed instead could tell a collector neither why nor let it in to get a new certificate for one that has expired.
 */
final class ShownCertificates extends X509ExtendedTrustManager {
    private final X509Certificate[] authorities;

    ShownCertificates(List<X509Certificate> authorities) {
        this.authorities = authorities.toArray(X509Certificate[]::new);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.clone();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        // Later, see above.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        // Later, see above.
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        // Later, see above.
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
        throw new UnsupportedOperationException("a listener is no client");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw new UnsupportedOperationException("a listener is no client");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw new UnsupportedOperationException("a listener is no client");
    }
}
