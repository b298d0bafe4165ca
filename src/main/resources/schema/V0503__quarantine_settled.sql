-- What became of a batch in the quarantine. A server of the version before reads and clears it as it did.
ALTER TABLE quarantine
    ADD COLUMN state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'replayed', 'discarded')),
    ADD COLUMN settled_at timestamptz,
    ADD COLUMN settled_by text,
    ADD COLUMN rows_stored integer;

COMMENT ON COLUMN quarantine.rows_stored IS 'by the replay, in the transaction that said so';
