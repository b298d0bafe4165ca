-- Roll-ups: one row a series and minute, one a series and hour. Their tables are made from the families' declarations.
CREATE SCHEMA metrics_minute;
CREATE SCHEMA metrics_hour;

-- A server of the version before leaves them as they are; what it writes is found when samples and roll-ups are compared.
ALTER TABLE metric_family
    ADD COLUMN look_back interval NOT NULL DEFAULT interval '15 minutes',
    ADD COLUMN roll_up_every interval,
    ADD COLUMN roll_up_checked timestamptz,
    ADD COLUMN minutes_from timestamptz,
    ADD COLUMN hours_from timestamptz;

COMMENT ON COLUMN metric_family.look_back IS
    'how far back the sample before may lie from which a counter grew; beyond it counting begins anew';
COMMENT ON COLUMN metric_family.roll_up_every IS 'so many minutes are rolled up at once; NULL for a family without roll-ups';

COMMENT ON COLUMN metric_family.roll_up_checked IS 'until when samples and roll-ups by the minute were compared';

COMMENT ON COLUMN metric_family.minutes_from IS 'from when on roll-ups by the minute are there; NULL while none was dropped';
COMMENT ON COLUMN metric_family.hours_from IS 'the same, by the hour';

-- Which minutes have new rows: one row a transaction of batches, written by it, so that neither is there without the other.
CREATE TABLE roll_up_due (
    families   text[]      NOT NULL,
    family_of  int2[]      NOT NULL,
    targets    int4[]      NOT NULL,
    minutes    int4[]      NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

COMMENT ON COLUMN roll_up_due.family_of IS 'where in families, from 1 on, the family of the target and minute at the same place is';
COMMENT ON COLUMN roll_up_due.minutes IS 'since 1970-01-01 00:00 UTC';

-- The same, gathered; a row goes in the transaction that rolls up its minutes.
CREATE TABLE roll_up_work (
    family    text           NOT NULL,
    level     text           NOT NULL CHECK (level IN ('minute', 'hour')),
    target_id integer        NOT NULL,
    pending   int4multirange NOT NULL CHECK (NOT isempty(pending)),
    since     timestamptz    NOT NULL DEFAULT now(),
    PRIMARY KEY (family, level, target_id)
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0.05);

COMMENT ON COLUMN roll_up_work.pending IS 'minutes or hours since 1970-01-01 00:00 UTC whose rows have changed';

-- What the overview of the fleet is made of: a row a target, family and minute of the last hours.
CREATE TABLE fleet_minute (
    time           timestamptz NOT NULL,
    target_id      integer     NOT NULL,
    family         text        NOT NULL,
    covered        int8        NOT NULL,
    commits        float8,
    rollbacks      float8,
    blocks_hit     float8,
    blocks_read    float8,
    deadlocks      float8,
    temp_bytes     float8,
    sessions       float8,
    databases      integer,
    database_bytes float8
) WITH (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX fleet_minute_time ON fleet_minute (time);
CREATE INDEX fleet_minute_target ON fleet_minute (target_id, time);

COMMENT ON COLUMN fleet_minute.covered IS 'microseconds that the collections of the minute cover';
