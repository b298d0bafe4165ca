-- What proves an event. Rows without an hmac were written before there was a key, or by a server that has none.
ALTER TABLE audit_event
    ADD COLUMN writer uuid,
    ADD COLUMN number bigint,
    ADD COLUMN key_id text,
    ADD COLUMN hmac bytea,
    ADD COLUMN actor_salt bytea,
    ADD COLUMN target_salt bytea,
    ADD COLUMN address_salt bytea,
    ADD COLUMN actor_commitment bytea,
    ADD COLUMN target_commitment bytea,
    ADD COLUMN address_commitment bytea;

COMMENT ON COLUMN audit_event.writer IS 'the process that wrote it; it numbers its events from 1 on, so that none can be there twice';
COMMENT ON COLUMN audit_event.hmac IS 'over the canonical JSON, which holds commitments in the place of actor, target and address';
COMMENT ON COLUMN audit_event.actor_commitment IS 'NULL until the actor is erased: what its salt and text came to';

-- What is not sealed yet. An id that commits late is found here whenever it comes.
CREATE TABLE audit_unsealed (
    event_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE audit_seal (
    position bigint PRIMARY KEY,
    event_id bigint NOT NULL UNIQUE,
    hash     bytea  NOT NULL
);

COMMENT ON COLUMN audit_seal.hash IS 'SHA-256 over the hash before, the position, the id, what the event says and its hmac';

CREATE TABLE audit_checkpoint (
    position  bigint      NOT NULL,
    kind      text        NOT NULL CHECK (kind IN ('begin', 'seal', 'prune')),
    chain     uuid        NOT NULL,
    hash      bytea       NOT NULL,
    events    bigint      NOT NULL,
    before_id bigint      NOT NULL,
    time      timestamptz NOT NULL,
    key_id    text        NOT NULL,
    signature bytea       NOT NULL,
    PRIMARY KEY (position, kind)
);

COMMENT ON TABLE audit_checkpoint IS 'signed: the chain has this hash at this position. prune: what is at or before it was deleted';
COMMENT ON COLUMN audit_checkpoint.events IS 'how many events it adds, or deletes';
COMMENT ON COLUMN audit_checkpoint.before_id IS 'of begin: events up to this id without an hmac were there before';

CREATE FUNCTION audit_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (event_id) SELECT id FROM added;
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_queue AFTER INSERT ON audit_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_queue();

-- Against accidents and lesser roles. A superuser gets around it, and is found by the chain.
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('pganalytics.audit_path', true) = 'prune'
        OR TG_OP = 'UPDATE' AND TG_RELNAME = 'audit_event' AND current_setting('pganalytics.audit_path', true) = 'erase'
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit is only added to: % of % is refused', TG_OP, TG_RELNAME
        USING ERRCODE = 'insufficient_privilege', HINT = 'audit.retention says how long it is kept';
END
$$;

CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();

-- Deletes events that no chain holds: those from before it began, or of servers without keys. A day is left to clocks.
CREATE FUNCTION audit_trim(before timestamptz, most integer) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    began bigint := coalesce((SELECT before_id FROM audit_checkpoint WHERE kind = 'begin'), 9223372036854775807);
    gone bigint[];
BEGIN
    IF before > now() - interval '89 days' THEN
        RAISE EXCEPTION 'audit events are kept for 90 days at least' USING ERRCODE = 'insufficient_privilege';
    END IF;
    gone := ARRAY(SELECT id FROM audit_event WHERE time < before AND hmac IS NULL AND id <= began ORDER BY time LIMIT most);
    PERFORM set_config('pganalytics.audit_path', 'prune', true);
    DELETE FROM audit_unsealed WHERE event_id = ANY (gone);
    DELETE FROM audit_event WHERE id = ANY (gone);
    PERFORM set_config('pganalytics.audit_path', '', true);
    RETURN cardinality(gone);
END
$$;

-- Deletes the oldest part of the chain, up to a checkpoint that is old enough; a signed one of kind prune stands for it, and
-- no other role can make that.
CREATE FUNCTION audit_prune(upto bigint) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    gone bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM audit_checkpoint WHERE position = upto AND kind = 'prune')
        OR NOT EXISTS (SELECT FROM audit_checkpoint
            WHERE position = upto AND kind = 'seal' AND time < now() - interval '89 days')
    THEN
        RAISE EXCEPTION 'audit events are kept for 90 days at least, and go only with a signed checkpoint'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('pganalytics.audit_path', 'prune', true);
    DELETE FROM audit_event e USING audit_seal s WHERE s.event_id = e.id AND s.position <= upto;
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM audit_seal WHERE position <= upto;
    DELETE FROM audit_checkpoint WHERE kind <> 'begin' AND position < upto;
    PERFORM set_config('pganalytics.audit_path', '', true);
    RETURN gone;
END
$$;
