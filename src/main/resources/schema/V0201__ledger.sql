-- What is settled of each collector: one row an epoch, inserted before the first batch and locked by every group.
CREATE TABLE ledger (
    collector_id  uuid        NOT NULL REFERENCES collector,
    epoch         integer     NOT NULL CHECK (epoch > 0),
    instance_id   uuid        NOT NULL,
    session_id    uuid        NOT NULL,
    lease_until   timestamptz NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    settled_at    timestamptz,
    superseded_at timestamptz,
    mark          bigint      NOT NULL DEFAULT 0 CHECK (mark >= 0),
    digests       bytea       NOT NULL DEFAULT '' CHECK (octet_length(digests) % 32 = 0),
    PRIMARY KEY (collector_id, epoch)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);

ALTER TABLE ledger ALTER COLUMN digests SET STORAGE MAIN;

COMMENT ON COLUMN ledger.mark IS 'the last settled batch number; moves only contiguously';
COMMENT ON COLUMN ledger.digests IS
    'SHA-256 of the last settled batches, 32 bytes each, the last one that of mark; zeros for a number declared dropped';
COMMENT ON COLUMN ledger.superseded_at IS 'when another instance got the next epoch; nothing more is settled here';

-- What collectors say they dropped.
CREATE TABLE loss (
    id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collector_id   uuid        NOT NULL,
    epoch          integer     NOT NULL,
    sequence       bigint      NOT NULL,
    family         text        NOT NULL,
    reason         text        NOT NULL,
    first_dropped  bigint,
    batches        bigint      NOT NULL,
    rows           bigint      NOT NULL,
    from_time      timestamptz,
    to_time        timestamptz,
    declared_at    timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX loss_collector ON loss (collector_id, declared_at);

COMMENT ON COLUMN loss.sequence IS 'the batch that declared it';
COMMENT ON COLUMN loss.first_dropped IS 'the first of the batch numbers dropped; they end at sequence - 1';
COMMENT ON COLUMN loss.family IS 'empty when it is not known';
