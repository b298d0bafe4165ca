-- No old token brings a collector back that was deleted, also not one that registered here: its id stays taken.
CREATE FUNCTION collector_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO v3_adoption (collector_id) SELECT collector_id FROM deleted ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER collector_deleted AFTER DELETE ON collector
    REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION collector_deleted();
