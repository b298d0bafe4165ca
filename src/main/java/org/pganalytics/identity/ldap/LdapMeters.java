package org.pganalytics.identity.ldap;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pganalytics.fault.Fault;
import org.pganalytics.identity.PersonChange;

/** What is counted of the directory. */
public final class LdapMeters {
    private final MeterRegistry meters;
    private final AtomicLong syncedMillis = new AtomicLong();
    private final AtomicInteger passedOver = new AtomicInteger();

    public LdapMeters(MeterRegistry meters) {
        this.meters = meters;
        TimeGauge.builder("pganalytics.ldap.synced", syncedMillis, TimeUnit.MILLISECONDS, AtomicLong::get)
                .register(meters);
        meters.gauge("pganalytics.ldap.passed.over", passedOver);
    }

    void underWay(AtomicInteger now) {
        meters.gauge("pganalytics.ldap.under.way", now);
    }

    void asked() {
        asked("answered");
    }

    void asked(Fault fault) {
        asked(fault.name());
    }

    private void asked(String outcome) {
        meters.counter("pganalytics.ldap.sign.ins", "outcome", outcome).increment();
    }

    void synced(String outcome) {
        meters.counter("pganalytics.ldap.syncs", "outcome", outcome).increment();
    }

    void changed(PersonChange.Kind kind) {
        meters.counter("pganalytics.ldap.changes", "change", kind.key()).increment();
    }

    void done(long atMillis, int namesPassedOver) {
        syncedMillis.set(atMillis);
        passedOver.set(namesPassedOver);
    }
}
