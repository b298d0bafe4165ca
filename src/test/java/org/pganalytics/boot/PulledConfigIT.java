package org.pganalytics.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators say at one server, agents of another one do, without a restart. */
class PulledConfigIT {
    @TempDir
    static Path secondFolder;

    private static PullHouse house;

    @TempDir
    Path state;

    @BeforeAll
    static void start() throws Exception {
        house = new PullHouse(secondFolder);
    }

    @AfterAll
    static void stop() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "http"})
    void anIntervalIsChangedByALabelRolledBackAndTakenByWhoWasAway(String door) throws Exception {
        // Over TCP only the server's word can be what makes the agent ask.
        var more =
                "labels = [ \"door=%s\" ], server-config-every = %s".formatted(door, door.equals("tcp") ? "1h" : "1s");
        var deployed = house.deploy(house.agent(state, door, door, List.of(PullHouse.hourly()), more));
        PullHouse.until("the first row").until(() -> house.rows(door) == 1);
        var often = house.add(door, "intervals { %s = 1s }".formatted(PullHouse.FAMILY));
        var seldom = house.add(door, "intervals { %s = 1d }, batch.rows-max = 10".formatted(PullHouse.FAMILY));
        assertEquals("", house.state(door).getString("running"), "nothing runs that is not assigned");

        house.assign(door, 1, "door=" + door);
        house.untilRunning(door, often);
        long before = house.rows(door);
        PullHouse.until("it is read every second").until(() -> house.rows(door) >= before + 4);
        house.assign(door, 2, "door=" + door);
        house.untilRunning(door, seldom);
        house.post(200, "rollBackProfile", new JsonObject().put("selector", "door=" + door), "profile", door);
        house.untilRunning(door, often);
        house.undeploy(deployed);

        house.assign(door, 2, "door=" + door);
        var again = house.deploy(house.agent(state, door, door, List.of(PullHouse.hourly()), more));
        house.untilRunning(door, seldom);
        assertTrue(Files.readString(state.resolve("server-config.json")).contains(seldom));
        house.post(204, "unassignProfile", new JsonObject().put("selector", "door=" + door), "profile", door);
        house.untilRunning(door, "");
        assertTrue(Files.notExists(state.resolve("server-config.json")));
        house.undeploy(again);
        assertEquals(
                "[[profile.add], [profile.add], [profile.assign], [profile.assign], [profile.rollback],"
                        + " [profile.assign], [profile.unassign]]",
                house.first
                        .database
                        .rows("SELECT action FROM audit_event WHERE target = '%s' AND actor LIKE 'admin:%%' ORDER BY id"
                                .formatted(door))
                        .toString());
    }

    @Test
    void anAgentWithoutAServerStartsWithTheLastOneItTook() throws Exception {
        var tag = house.add("kept", "intervals { %s = 1s }".formatted(PullHouse.FAMILY));
        house.assign("kept", 1, "kept=yes");
        var deployed = house.deploy(
                house.agent(state, "kept", "tcp", List.of(PullHouse.hourly()), "labels = [ \"kept=yes\" ]"));
        house.untilRunning("kept", tag);
        house.undeploy(deployed);

        var alone = house.agent(state, "kept", "none", List.of(PullHouse.hourly()), "labels = [ \"kept=yes\" ]");
        var again = house.deploy(alone);
        PullHouse.until("it is read every second").until(() -> alone.status().rowsCollected() >= 3);
        house.undeploy(again);
    }

    @Test
    void aFamilyThatOnlyTheServerHasIsCollectedWhereTheHostAllowsIt() throws Exception {
        var tag = house.add(
                "handing", "declare = [ %s ], intervals { %s = 1s }".formatted(PullHouse.FAMILY, PullHouse.FAMILY));
        house.assign("handing", 1, "handing=yes");
        var labels = "labels = [ \"handing=yes\" ], server-config-every = 1s";
        var deployed =
                house.deploy(house.agent(state, "handing", "http", List.of(), labels + ", server-families = true"));
        house.untilRunning("handing", tag);
        PullHouse.until("it is collected").until(() -> house.rows("handing") >= 2);
        house.undeploy(deployed);

        deployed = house.deploy(house.agent(state, "handing", "http", List.of(), labels));
        PullHouse.until("it says what it leaves out")
                .until(() -> house.state("handing")
                        .getString("note", "")
                        .equals("left out, as server-families is false: families " + PullHouse.FAMILY));
        house.undeploy(deployed);
    }

    @Test
    void whatAnAgentDoesNotTakeItSaysAndGoesOnAsBefore() throws Exception {
        var good = house.add("refused", "intervals { %s = 1s }".formatted(PullHouse.FAMILY));
        house.assign("refused", 1, "refused=yes");
        var deployed = house.deploy(
                house.agent(state, "refused", "tcp", List.of(PullHouse.hourly()), "labels = [ \"refused=yes\" ]"));
        house.untilRunning("refused", good);
        // As a later server might hand out.
        house.first.database.execute("""
                INSERT INTO profile_version (profile, version, tag, document, handed_out, created_by)
                VALUES ('refused', 2, 'refused@2-x', '', '{"later":true,"intervals":{"%s":"1d"}}', 'test')
                """.formatted(PullHouse.FAMILY));
        house.assign("refused", 2, "refused=yes");

        PullHouse.until("it refuses")
                .until(() -> house.state("refused").getString("progress").equals("refused"));
        var found = house.state("refused");
        assertEquals(good, found.getString("running"));
        assertTrue(found.getString("note").contains("later: found an unknown key"), found::encode);
        long before = house.rows("refused");
        PullHouse.until("it goes on").until(() -> house.rows("refused") >= before + 2);
        house.post(200, "rollBackProfile", new JsonObject().put("selector", "refused=yes"), "profile", "refused");
        PullHouse.until("the refusal is over")
                .until(() -> house.state("refused").getString("progress").equals("running"));
        house.undeploy(deployed);

        var none = house.deploy(house.agent(
                state,
                "refused",
                "tcp",
                List.of(PullHouse.hourly()),
                "labels = [ \"refused=yes\" ], server-config = none"));
        PullHouse.until("it takes nothing")
                .until(() -> house.state("refused").getString("note").equals("the collector's server-config is none"));
        assertEquals("", house.state("refused").getString("running"));
        house.undeploy(none);
    }

    @Test
    void operatorsLabelACollectorWhileItRuns() throws Exception {
        var tag = house.add("labelled", "intervals { %s = 1s }".formatted(PullHouse.FAMILY));
        house.assign("labelled", 1, "owner=O'Brien \"DBA\"");
        var deployed = house.deploy(
                house.agent(state, "labelled", "tcp", List.of(PullHouse.hourly()), "server-config-every = 1h"));
        PullHouse.until("it is there").until(() -> house.state("labelled").getString("reported_at") != null);
        var collector = house.state("labelled").getString("collector_id");
        house.post(
                200,
                "setLabels",
                new JsonObject().put("labels", new JsonObject().put("owner", "O'Brien \"DBA\"")),
                "collector",
                collector);
        house.untilRunning("labelled", tag);
        assertEquals(
                "O'Brien \"DBA\"",
                house.first
                        .client
                        .ok("showLabels", "collector", collector)
                        .getJsonObject("labels")
                        .getString("owner"));
        house.post(200, "setLabels", new JsonObject().put("labels", new JsonObject()), "collector", collector);
        house.untilRunning("labelled", "");
        house.undeploy(deployed);
    }
}
