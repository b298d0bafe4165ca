-- What was stored of collectors of version 3, which number nothing: one row a collector, type of object and database.
CREATE TABLE v3_seconds (
    collector_id uuid NOT NULL REFERENCES collector ON DELETE CASCADE,
    type         text NOT NULL,
    database     text NOT NULL,
    ranges       int8[] NOT NULL DEFAULT '{}',
    lines        int8[] NOT NULL DEFAULT '{}',
    settled_at   timestamptz,
    PRIMARY KEY (collector_id, type, database)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

COMMENT ON COLUMN v3_seconds.ranges IS
    'seconds since 1970 of which the first object is settled, as first and last of each range, rising';
COMMENT ON COLUMN v3_seconds.lines IS 'hashes of the last log lines stored; only what does not overlap with them is new';

-- Numbers for what is quarantined of them, in the place of a batch number, under epoch 0.
CREATE SEQUENCE v3_quarantined;
