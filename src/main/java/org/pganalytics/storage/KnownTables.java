package org.pganalytics.storage;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.pganalytics.storage.tables.FamilyTable;
import org.pganalytics.storage.tables.FamilyTables;
import org.pganalytics.storage.tables.Targets;

/** The tables of the declared families and the targets' ids, as this server knows them. */
public final class KnownTables implements Tables {
    private final FamilyTables families;
    private final Targets targets;

    public KnownTables(FamilyTables families, Targets targets) {
        this.families = families;
        this.targets = targets;
    }

    @Override
    public Optional<FamilyTable> lookup(String family) {
        return families.lookup(family);
    }

    @Override
    public Future<Void> ensure(String family, LocalDate day) {
        return families.ensure(family, day);
    }

    @Override
    public Future<Void> refresh() {
        targets.forget();
        return families.refresh();
    }

    /** Forgets what was learned; to be called for each new connection. */
    public void forget() {
        targets.forget();
        families.forget();
    }

    @Override
    public long generation() {
        return families.generation();
    }

    @Override
    public Future<Map<String, Integer>> targets(UUID collector, Set<String> names) {
        return targets.resolve(collector, names);
    }
}
