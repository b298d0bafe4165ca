-- What collectors are to run: documents, never changed once written, and which collectors run which version.
CREATE TABLE profile_version (
    profile text NOT NULL CHECK (profile ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    version integer NOT NULL CHECK (version > 0),
    tag text NOT NULL UNIQUE,
    document text NOT NULL,
    handed_out text NOT NULL CHECK (octet_length(handed_out) <= 64000),
    comment text NOT NULL DEFAULT '',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (profile, version)
);

COMMENT ON COLUMN profile_version.document IS 'As a person wrote it, HOCON.';
COMMENT ON COLUMN profile_version.handed_out IS
    'As collectors get it: JSON, checked, with the declarations of the families it hands out.';

CREATE FUNCTION profile_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a profile never changes; add another one';
END
$$;

CREATE TRIGGER profile_version_stays
    BEFORE UPDATE ON profile_version FOR EACH ROW EXECUTE FUNCTION profile_version_stays();

CREATE TABLE profile_assignment (
    profile text NOT NULL,
    selector text NOT NULL,
    precedence integer NOT NULL CHECK (precedence BETWEEN 0 AND 1000),
    version integer NOT NULL,
    percent integer NOT NULL CHECK (percent BETWEEN 1 AND 100),
    before_version integer,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (profile, selector),
    FOREIGN KEY (profile, version) REFERENCES profile_version,
    FOREIGN KEY (profile, before_version) REFERENCES profile_version
);

COMMENT ON COLUMN profile_assignment.before_version IS
    'What collectors outside the percentage run, and what a rollback goes to.';

CREATE TABLE collector_config (
    collector_id uuid PRIMARY KEY REFERENCES collector ON DELETE CASCADE,
    own_labels jsonb NOT NULL DEFAULT '{}',
    labels jsonb NOT NULL DEFAULT '{}',
    running text NOT NULL DEFAULT '',
    refused text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    reported_at timestamptz
);

COMMENT ON COLUMN collector_config.own_labels IS 'As the collector''s own configuration has them.';
COMMENT ON COLUMN collector_config.labels IS 'As operators set them; they win over the collector''s own.';

-- In the database, so that a change by hand reaches every server too.
CREATE FUNCTION profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pganalytics_profile', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER profile_changed
    AFTER INSERT OR UPDATE OR DELETE ON profile_assignment FOR EACH STATEMENT EXECUTE FUNCTION profile_changed();

CREATE FUNCTION collector_labelled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pganalytics_profile', NEW.collector_id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER collector_labelled
    AFTER INSERT OR UPDATE OF labels ON collector_config FOR EACH ROW WHEN (NEW.labels <> '{}')
    EXECUTE FUNCTION collector_labelled();
CREATE TRIGGER collector_unlabelled
    AFTER UPDATE OF labels ON collector_config FOR EACH ROW WHEN (NEW.labels = '{}' AND OLD.labels <> '{}')
    EXECUTE FUNCTION collector_labelled();
