package org.pganalytics.identity.ldap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sockets whose handshake checks the host's name, and does not wait for ever. The library's own check takes any name on
 * loopback, where a tunnel may end, and its time limits begin after the handshake.
 */
final class TimedTls extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final int millis;

    /** @param millis longest wait for any bytes, in the handshake and after it */
    TimedTls(SSLSocketFactory tls, int millis) {
        this.tls = tls;
        this.millis = millis;
    }

    private Socket timed(Socket socket) throws IOException {
        var checking = (SSLSocket) socket;
        var parameters = checking.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("LDAPS");
        checking.setSSLParameters(parameters);
        checking.setSoTimeout(millis);
        return checking;
    }

    @Override
    public Socket createSocket() throws IOException {
        return timed(tls.createSocket());
    }

    @Override
    public Socket createSocket(Socket plain, String host, int port, boolean autoClose) throws IOException {
        return timed(tls.createSocket(plain, host, port, autoClose));
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return timed(tls.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return timed(tls.createSocket(host, port, from, fromPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return timed(tls.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return timed(tls.createSocket(host, port, from, fromPort));
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }
}
