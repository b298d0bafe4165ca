package org.pganalytics.boot;

import io.vertx.core.Vertx;
import java.util.List;

/** Answers like a server of ours that knows one token. */
record FakeDoor(Vertx vertx, int tcp, int http) implements AutoCloseable {
    /** @param seen gets each request */
    static FakeDoor open(List<String> seen) {
        var vertx = Vertx.vertx();
        var http = vertx.createHttpServer()
                .requestHandler(request -> {
                    seen.add(request.method() + " " + request.path());
                    boolean good = "Bearer good".equals(request.getHeader("Authorization"));
                    request.response()
                            .setStatusCode(good ? 304 : 401)
                            .end(good ? "" : "{\"type\":\"urn:pganalytics:fault:UNAUTHENTICATED\",\"detail\":\"no\"}");
                })
                .listen(0, "127.0.0.1")
                .await();
        var tcp = vertx.createNetServer()
                .connectHandler(socket -> {})
                .listen(0, "127.0.0.1")
                .await();
        return new FakeDoor(vertx, tcp.actualPort(), http.actualPort());
    }

    String servers() {
        return "servers = [ { host = \"127.0.0.1\", tcp-port = %d, http-port = %d } ]".formatted(tcp, http);
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
