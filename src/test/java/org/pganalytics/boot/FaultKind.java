package org.pganalytics.boot;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can go wrong, one at a time. */
enum FaultKind {
    KILL_SERVER("a server is killed (`kill -9`), and started again") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            int server = house.random.nextBoolean() ? house.leads.leader() : house.random.nextInt(3);
            house.leads.handedOverBy(server, () -> house.servers.kill(server));
            var span = FaultSpan.moment();
            FaultSpan.pause(3_000);
            house.again(server);
            return span;
        }
    },
    FREEZE_SERVER("a server stands still (SIGSTOP), and goes on") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            var server = house.servers.all().get(house.random.nextInt(3));
            server.signal("STOP");
            return FaultSpan.during(house.random.nextInt(2_000, 7_000), () -> server.signal("CONT"));
        }
    },
    ROLLING_RESTART("each server in turn is ended (SIGTERM) and started again") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            for (int server = 0; server < 3; server++) {
                house.tell(server, "goes down");
                int code = house.servers.end(server);
                house.tell(server, "is down");
                // The version before ends in order, but as the signal says.
                if (code != 0 && (!house.versions.isMixed() || code != 143)) {
                    throw new IllegalStateException("server %d ended with %d".formatted(server, code));
                }
                house.again(server);
                house.tell(server, "is ready");
                house.awaitCalm();
            }
            return FaultSpan.moment();
        }
    },
    KILL_PRIMARY("the database's primary is killed, its standby promoted, and a new standby made") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            long from = System.currentTimeMillis();
            house.pair.killPrimary();
            return house.failOver(from);
        }
    },
    FREEZE_PRIMARY("the primary stands still, its standby is promoted, and the old one wakes up") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            long from = System.currentTimeMillis();
            house.pair.signalPrimary("STOP");
            return house.failOver(from);
        }
    },
    CUT_FLEET("the line between collectors and balancer is cut, and comes back") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.fleetLine.cut();
            return FaultSpan.during(house.random.nextInt(500, 4_000), house.fleetLine::mend);
        }
    },
    DELAY_FLEET("what passes between collectors and balancer comes later") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.fleetLine.delay(house.random.nextInt(20, 200));
            return FaultSpan.during(house.random.nextInt(2_000, 5_000), house.fleetLine::mend);
        }
    },
    CORRUPT_FLEET("bits are bent between collectors and balancer") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.fleetLine.corrupt();
            return FaultSpan.during(house.random.nextInt(2_000, 5_000), house.fleetLine::mend);
        }
    },
    CUT_DATABASE("the lines between servers and database are cut, and come back") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.databaseLines.forEach(FaultLine::cut);
            return FaultSpan.during(
                    house.random.nextInt(500, 4_000), () -> house.databaseLines.forEach(FaultLine::mend));
        }
    },
    DELAY_DATABASE("what passes between servers and database comes later") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            int millis = house.random.nextInt(5, 50);
            house.databaseLines.forEach(line -> line.delay(millis));
            return FaultSpan.during(
                    house.random.nextInt(2_000, 5_000), () -> house.databaseLines.forEach(FaultLine::mend));
        }
    },
    KILL_REDIS("Redis is killed, and started again with nothing that it knew") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.redis.kill();
            var span = FaultSpan.moment();
            FaultSpan.pause(house.random.nextInt(1_000, 5_000));
            house.redis.startAgain();
            return span;
        }
    },
    FREEZE_REDIS("Redis stands still (SIGSTOP), and goes on") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            house.redis.freeze();
            var span = FaultSpan.moment();
            FaultSpan.pause(house.random.nextInt(1_000, 5_000));
            house.redis.resume();
            return span;
        }
    },
    FULL_DISK("the disk of the databases is full, and has room again") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            long from = System.currentTimeMillis();
            house.disk.fill();
            FaultSpan.pause(house.random.nextInt(1_000, 4_000));
            house.disk.makeRoom();
            house.pair.startWhatEnded();
            return new FaultSpan(from, System.currentTimeMillis());
        }

        @Override
        Optional<String> missing() {
            return FaultDisk.missing();
        }
    },
    SKEW_CLOCK("the clock of a server is up to five minutes wrong") {
        @Override
        FaultSpan happen(FaultHouse house) throws Exception {
            int server = house.random.nextInt(3);
            int seconds = house.random.nextInt(-300, 301);
            house.servers.end(server);
            house.again(server, FaultClock.wrongBy(seconds));
            var span = FaultSpan.moment();
            FaultSpan.pause(6_000);
            house.servers.end(server);
            house.again(server);
            return span;
        }

        @Override
        Optional<String> missing() {
            return FaultClock.missing();
        }
    };

    private final String title;

    FaultKind(String title) {
        this.title = title;
    }

    /** Makes it happen, and all good again. @return while it lasted */
    abstract FaultSpan happen(FaultHouse house) throws Exception;

    /** Why it cannot be made to happen here; empty where it can. */
    Optional<String> missing() {
        return Optional.empty();
    }

    boolean isOfRedis() {
        return this == KILL_REDIS || this == FREEZE_REDIS;
    }

    String title() {
        return title;
    }

    /** As written on the command line and in results: {@code kill-server}. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static FaultKind of(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no fault '%s'; there are %s"
                        .formatted(
                                key, Arrays.stream(values()).map(FaultKind::key).toList())));
    }
}
