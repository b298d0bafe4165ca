package org.pganalytics.boot;

import org.pganalytics.admission.Admission;
import org.pganalytics.admission.Revocations;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.cluster.Notifications;
import org.pganalytics.fleet.ConfigOffice;
import org.pganalytics.identity.ApiTokens;
import org.pganalytics.storage.tables.FamilyWatch;

/** Who looks at what, when the database tells of a change, or may have told of one that nobody heard. */
record Notices(Admission admission, ConfigOffice configs, FamilyWatch families, Bus bus) {
    void hear(Notifications notifications) {
        notifications.on(Revocations.CHANNEL, payload -> admission.revocations().refresh());
        notifications.on(ConfigOffice.CHANNEL, configs::changed);
        notifications.on(FamilyWatch.CHANNEL, payload -> families.look());
        notifications.on(ApiTokens.CHANNEL, payload -> tokensChanged());
        notifications.onMayHaveMissed(admission.revocations()::refresh);
        notifications.onMayHaveMissed(() -> configs.changed(""));
        notifications.onMayHaveMissed(families::look);
        notifications.onMayHaveMissed(this::tokensChanged);
    }

    private void tokensChanged() {
        bus.publish(new Event.TokensChanged());
    }
}
