-- Collectors of version 3 that were taken over by a token of their old backend. A row outlives its collector, so that one
-- which was deleted does not come back.
CREATE TABLE v3_adoption (
    collector_id uuid PRIMARY KEY,
    adopted_at   timestamptz NOT NULL DEFAULT now()
);
