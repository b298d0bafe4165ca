package org.pganalytics.database;

import io.vertx.sqlclient.SqlConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections that stand. One to a primary that stands still, or is none any more, would keep what is under way
 * waiting as long as that may take at all; so all are cut when the host that takes writes is another one. Any thread.
 */
final class OpenSockets {
    private final Set<DriverSocket> open = ConcurrentHashMap.newKeySet();

    DriverSocket add(SqlConnection made) {
        var socket = DriverSocket.of(made);
        open.add(socket);
        socket.closed().onComplete(gone -> open.remove(socket));
        return socket;
    }

    void cut() {
        open.forEach(DriverSocket::cut);
    }
}
