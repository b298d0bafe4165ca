package org.pganalytics.perf;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.pganalytics.perf.PgMessages.Message;

/**
 * What a client of PostgreSQL asks on one connection: messages up to a Query or a Sync are one question, to which there is
 * one answer.
 */
final class PgQuestions {
    private static final char STARTUP = 0;
    private static final char PASSWORD = 'p';
    private static final char QUERY = 'Q';
    private static final char PARSE = 'P';
    private static final char BIND = 'B';
    private static final char DESCRIBE = 'D';
    private static final char CLOSE = 'C';
    private static final char EXECUTE = 'E';
    private static final char SYNC = 'S';
    private static final char TERMINATE = 'X';

    private final Map<String, String> statements = new HashMap<>();
    private final Map<String, String> portals = new HashMap<>();
    private final StringBuilder asked = new StringBuilder();
    private boolean inTransaction;
    private boolean reading;

    /**
     * One of them.
     *
     * @param text its messages and their SQL, without parameters; empty of the first one, by which the client is let in
     * @param isReading whether it reads a family: without parameters, in a transaction
     */
    record Question(String text, boolean isReading) {
        boolean isFirst() {
            return text.isEmpty();
        }
    }

    /** @return the question that this message is the last one of */
    Optional<Question> take(Message message) {
        switch (message.type()) {
            case STARTUP, SYNC, PASSWORD, TERMINATE -> {}
            case QUERY -> query(message.text(Message.BODY));
            case PARSE -> parse(message);
            case BIND -> bind(message);
            case DESCRIBE, CLOSE -> note(message.type(), named(message));
            case EXECUTE -> note(message.type(), portals.get(message.text(Message.BODY)));
            default -> throw new IllegalStateException("a message of type " + message.type() + " is not foreseen");
        }
        return switch (message.type()) {
            case STARTUP, QUERY, SYNC -> Optional.of(end());
            default -> Optional.empty();
        };
    }

    private Question end() {
        var question = new Question(asked.toString(), reading);
        asked.setLength(0);
        reading = false;
        return question;
    }

    private void note(char type, String what) {
        asked.append(type).append(' ').append(what).append('\n');
    }

    private void query(String sql) {
        inTransaction = sql.startsWith("BEGIN");
        note(QUERY, sql);
    }

    private void parse(Message message) {
        var name = message.text(Message.BODY);
        var sql = message.text(Message.BODY + bytes(name));
        statements.put(name, sql);
        note(PARSE, sql);
    }

    private void bind(Message message) {
        var portal = message.text(Message.BODY);
        int at = Message.BODY + bytes(portal);
        var statement = message.text(at);
        at += bytes(statement);
        int formats = message.whole().getShort(at);
        int parameters = message.whole().getShort(at + 2 + 2 * formats);
        reading = inTransaction && parameters == 0;
        var sql = statements.get(statement);
        portals.put(portal, sql);
        note(BIND, sql);
    }

    /** The SQL of what a message names, by kind and name. */
    private String named(Message message) {
        var name = message.text(Message.BODY + 1);
        return message.whole().getByte(Message.BODY) == 'S' ? statements.get(name) : portals.get(name);
    }

    private static int bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length + 1;
    }
}
