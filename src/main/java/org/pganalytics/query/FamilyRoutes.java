package org.pganalytics.query;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import java.time.Clock;
import java.util.List;
import org.pganalytics.http.Answer;
import org.pganalytics.http.Operations;

/** The metric families and what is stored of them, over HTTP: what docs/openapi.yaml has under the tag metrics. */
public final class FamilyRoutes {
    private final Families families;
    private final RowPages rows;
    private final BucketPages buckets;
    private final TopSeries top;
    private final FleetOverview fleet;

    /** @param pool of connections that can write nothing and end a query after its time */
    public FamilyRoutes(Pool pool, QueryConfig config, Clock clock) {
        var reader = new Reader(pool, config);
        this.families = new Families(reader);
        var asked = new Asked(families, config, clock);
        this.rows = new RowPages(reader, asked, config);
        this.buckets = new BucketPages(reader, asked, config);
        this.top = new TopSeries(reader, asked);
        this.fleet = new FleetOverview(reader, clock);
    }

    public void mount(Operations operations) {
        operations.on("listFamilies", call -> families.all().map(FamilyRoutes::listed));
        operations.on(
                "showFamily",
                call -> families.find(call.text("family"))
                        .map(family -> Answer.ok(family.json().put("columns", Family.json(family.columns())))));
        operations.on("listRows", rows::read);
        operations.on("listBuckets", buckets::read);
        operations.on("listTop", top::read);
        operations.on("fleetOverview", fleet::read);
    }

    private static Answer listed(List<Family> all) {
        var listed = new JsonArray();
        all.forEach(family -> listed.add(family.json()));
        return Answer.ok(new JsonObject().put("families", listed));
    }
}
