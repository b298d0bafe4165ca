package org.pganalytics.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The configuration files of a bench's agents, which send to one server. */
final class AgentSettings {
    private final AgentPlace place;
    private final Program server;
    private final String secret;

    AgentSettings(AgentPlace place, Program server, String secret) {
        this.place = place;
        this.server = server;
        this.secret = secret;
    }

    /**
     * @param name of the agent
     * @param ports of its targets, one each
     * @param more settings of each target
     */
    Path write(String name, List<Integer> ports, String more) throws IOException {
        return Files.writeString(place.file(name + ".conf"), """
                name = "%s"
                state.dir = "%s"
                registration.secret = "%s"
                cpu-budget = 0
                servers = [ { host = "127.0.0.1", tcp-port = %d, http-port = %d } ]
                targets = [ %s ]
                """.formatted(
                        name,
                        place.file("state-" + name),
                        secret,
                        server.port("tcp"),
                        server.port("http"),
                        IntStream.range(0, ports.size())
                                .mapToObj(number -> target(number, ports.get(number), more))
                                .collect(Collectors.joining("\n"))));
    }

    /** One of them is where the agent is, so that it reads that machine once, not for each target. */
    private static String target(int number, int port, String more) {
        return """
                { name = "target-%d", host = "127.0.0.1", port = %d, user = "watcher", database = "watched"
                  password = "watching-is-all-it-may-do", databases = [ "watched" ], sslmode = disable, on-this-host = %s
                  %s }
                """.formatted(number, port, number == 0 ? "yes" : "no", more);
    }
}
