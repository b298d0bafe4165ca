-- Servers tell each other what they declare: what one of them can store, all can.
CREATE FUNCTION family_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pganalytics_family', NEW.family);
    RETURN NULL;
END
$$;

CREATE TRIGGER family_declared
    AFTER INSERT OR UPDATE OF kind, retention, dictionary_of, dictionary_key, roll_up_every ON metric_family
    FOR EACH ROW EXECUTE FUNCTION family_declared();

CREATE TRIGGER family_schema_declared
    AFTER INSERT ON family_schema FOR EACH ROW EXECUTE FUNCTION family_declared();
