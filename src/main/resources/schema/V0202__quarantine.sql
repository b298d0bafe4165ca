-- Batches whose content is refused for ever; their numbers are consumed.
CREATE TABLE quarantine (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collector_id uuid        NOT NULL,
    epoch        integer     NOT NULL,
    sequence     bigint      NOT NULL,
    covers_from  bigint      NOT NULL,
    fault        text        NOT NULL,
    detail       text        NOT NULL,
    digest       bytea       NOT NULL,
    rows         integer     NOT NULL,
    media_type   text        NOT NULL,
    body_bytes   integer     NOT NULL,
    body         bytea,
    refused_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (collector_id, epoch, sequence)
);

ALTER TABLE quarantine ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX quarantine_kept ON quarantine (body_bytes) WHERE body IS NOT NULL;

COMMENT ON COLUMN quarantine.body IS 'as it came, self-contained; NULL beyond the byte limit of the quarantine';
