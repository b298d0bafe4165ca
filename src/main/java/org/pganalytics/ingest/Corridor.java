package org.pganalytics.ingest;

import java.util.function.Predicate;
import org.pganalytics.admission.AddressLimiter;
import org.pganalytics.admission.Doorkeeper;
import org.pganalytics.bus.Bus;
import org.pganalytics.fleet.ConfigDesk;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.model.Intake;
import org.pganalytics.model.Ledger;

/**
 * What lies behind every door.
 *
 * @param intake where batches go
 * @param ledger where sessions take their turn
 * @param doorkeeper says who a sender is
 * @param strangers limits those whose token is wrong
 * @param current whether a principal has not been revoked meanwhile
 * @param configs says what collectors are to run
 * @param bus hears of sessions and strangers
 */
public record Corridor(
        Intake intake,
        Ledger ledger,
        Doorkeeper doorkeeper,
        AddressLimiter strangers,
        Predicate<CollectorPrincipal> current,
        ConfigDesk configs,
        Bus bus) {}
