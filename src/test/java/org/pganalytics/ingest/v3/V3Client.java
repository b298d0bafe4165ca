package org.pganalytics.ingest.v3;

import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pganalytics.wire.v3.V3Objects;

/**
 * Speaks HTTP as the version 3 collector does: a new connection a request, no compression, 100-continue above 1 MiB, a
 * refresh with an empty chunked body before each push; and it fails as that one fails. Blocking.
 */
public final class V3Client {
    private static final int CONTINUE_ABOVE = 1 << 20;

    private final int port;
    private final List<JsonObject> buffer = new ArrayList<>();
    private String token;
    private String collector;
    private long dropped;

    public V3Client(int port) {
        this.port = port;
    }

    /** An answer. @param status 0 when there was none */
    public record Answer(int status, String body) {
        public JsonObject json() {
            return new JsonObject(body);
        }
    }

    public void token(String other) {
        token = other;
    }

    public String token() {
        return token;
    }

    public String collector() {
        return collector;
    }

    /** Objects that it threw away because of what it was answered. */
    public long dropped() {
        return dropped;
    }

    public int waiting() {
        return buffer.size();
    }

    public Answer register(String secret, String host) {
        var body = new JsonObject()
                .put("hostname", host)
                .put("name", host)
                .put("version", "3.0.0")
                .encode();
        var answer = send("POST /api/v1/collectors/register", "X-Registration-Secret: " + secret + "\r\n", body);
        if (isTaken(answer)) {
            token = answer.json().getString("token");
            collector = answer.json().getString("collector_id");
        }
        return answer;
    }

    public Answer refresh() {
        var answer = exchange(
                "POST /api/v1/collectors/refresh-token",
                bearer() + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n",
                "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                true);
        if (isTaken(answer)) {
            token = answer.json().getString("token");
        }
        return answer;
    }

    public Answer config(String id) {
        return exchange("GET /api/v1/config/" + id, bearer() + "Accept: text/plain\r\n", new byte[0], false);
    }

    public void collect(List<JsonObject> objects) {
        buffer.addAll(objects);
    }

    /** What it does every push interval. @return the status that decided */
    public int pushInterval(String host) {
        if (buffer.isEmpty()) {
            return 200;
        }
        refresh();
        var body = V3Objects.push(host, buffer).encode();
        var answer = push(body, "");
        if (answer.status() == 401) {
            return repeat(body);
        }
        if (isTaken(answer)) {
            buffer.clear();
        }
        return answer.status();
    }

    /**
     * What it does when a push was answered 401. Whatever the second answer says, it believes the data arrived; a connection
     * that was cut says nothing.
     */
    public int again(String host) {
        return repeat(V3Objects.push(host, buffer).encode());
    }

    private int repeat(String body) {
        refresh();
        var answer = push(body, "Content-Encoding: gzip\r\n");
        if (answer.status() != 0) {
            dropped += isTaken(answer) ? 0 : buffer.size();
            buffer.clear();
        }
        return answer.status();
    }

    private static boolean isTaken(Answer answer) {
        return answer.status() == 200 || answer.status() == 201;
    }

    public Answer push(String body, String header) {
        return send("POST /api/v1/metrics/push", bearer() + header, body);
    }

    public Answer pushBytes(byte[] body) {
        var headers = "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n";
        return exchange("POST /api/v1/metrics/push", bearer() + headers, body, false);
    }

    /** Sends a part of what it announces, and goes. */
    public void pushCutOff(byte[] part, int announced) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            var head = "POST /api/v1/metrics/push HTTP/1.1\r\nHost: x\r\n" + bearer()
                    + "Content-Type: application/json\r\nContent-Length: " + announced + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(part);
            socket.getOutputStream().flush();
        } catch (IOException cut) {
            throw new UncheckedIOException(cut);
        }
    }

    public Answer pushBinary(byte[] body) {
        var headers = "Content-Type: application/octet-stream\r\nContent-Encoding: zstd\r\nX-Protocol-Version: 1.0\r\n"
                + "Content-Length: " + body.length + "\r\n";
        return exchange("POST /api/v1/metrics/push/binary", bearer() + headers, body, false);
    }

    private String bearer() {
        return "Authorization: Bearer " + token + "\r\n";
    }

    private Answer send(String line, String headers, String body) {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean asks = bytes.length > CONTINUE_ABOVE;
        var all = headers + "Content-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n"
                + (asks ? "Expect: 100-continue\r\n" : "");
        return exchange(line, all, bytes, asks);
    }

    private Answer exchange(String line, String headers, byte[] body, boolean asks) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            var in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            out.write((line + " HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n" + headers + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            if (asks) {
                var first = answer(in);
                if (first.status() != 100) {
                    return first;
                }
            }
            out.write(body);
            out.flush();
            return answer(in);
        } catch (IOException cut) {
            return new Answer(0, cut.toString());
        }
    }

    private static Answer answer(InputStream in) throws IOException {
        var status = line(in);
        int length = 0;
        for (var header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        var body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new Answer(Integer.parseInt(status.split(" ")[1]), body);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("the connection was closed");
            }
            line.append((char) octet);
        }
        return line.toString().strip();
    }
}
