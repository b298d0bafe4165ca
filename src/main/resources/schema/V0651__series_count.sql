-- How many series collectors created in a day, as each run of a server has seen it; only of those who have most.
CREATE TABLE series_count (
    day             date NOT NULL,
    collector_id    uuid NOT NULL REFERENCES collector ON DELETE CASCADE,
    family          text NOT NULL,
    server_run      uuid NOT NULL,
    series          bigint NOT NULL,
    series_max      bigint NOT NULL,
    folded_rows     bigint NOT NULL,
    unfollowed_rows bigint NOT NULL,
    limited_by      text CHECK (limited_by IN ('family', 'collector', 'memory')),
    counted_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, collector_id, family, server_run)
);

CREATE INDEX series_count_collector ON series_count (collector_id);

COMMENT ON COLUMN series_count.server_run IS 'Drawn at each start: what one has counted goes on growing, and may be written twice.';
