CREATE TABLE collector (
    collector_id uuid PRIMARY KEY,
    name text NOT NULL,
    agent_version text NOT NULL DEFAULT '',
    generation integer NOT NULL DEFAULT 1,
    registered_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    last_seen_at timestamptz,
    rows_per_second double precision CHECK (rows_per_second > 0),
    burst_rows bigint CHECK (burst_rows > 0),
    bytes_per_second double precision CHECK (bytes_per_second > 0),
    burst_bytes bigint CHECK (burst_bytes > 0),
    -- The transaction that last changed what servers keep in memory: lets them poll for changes without missing one.
    changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);

COMMENT ON COLUMN collector.generation IS 'Tokens are issued for one generation; another one here means they are revoked.';
COMMENT ON COLUMN collector.rows_per_second IS 'Override of the configured limit; NULL is the configured one. Likewise the next three.';

CREATE INDEX collector_changed_xid ON collector (changed_xid);
CREATE INDEX collector_name ON collector (name, collector_id);

-- In the database, so that a change by hand reaches every server too.
CREATE FUNCTION collector_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id();
    PERFORM pg_notify('pganalytics_collector', NEW.collector_id::text);
    RETURN NEW;
END
$$;

CREATE TRIGGER collector_changed
    BEFORE UPDATE OF name, generation, revoked_at, rows_per_second, burst_rows, bytes_per_second, burst_bytes
    ON collector FOR EACH ROW EXECUTE FUNCTION collector_changed();
