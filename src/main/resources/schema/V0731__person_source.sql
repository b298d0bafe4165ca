-- Who knows a person's password: this database, or a directory.
ALTER TABLE person
    ADD COLUMN source           text NOT NULL DEFAULT 'local' CHECK (source IN ('local', 'ldap')),
    ADD COLUMN external_id      text UNIQUE CHECK (octet_length(external_id) BETWEEN 1 AND 255),
    ADD COLUMN sync_disabled_at timestamptz,
    ADD CONSTRAINT person_source_check1 CHECK (
        CASE source WHEN 'local' THEN external_id IS NULL ELSE password_hash IS NULL END);

COMMENT ON COLUMN person.external_id IS 'What the directory calls the entry for ever; null until a link was followed.';
COMMENT ON COLUMN person.sync_disabled_at IS 'Equals disabled_at when it was the sync that disabled them.';
