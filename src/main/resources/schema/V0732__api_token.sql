-- Lets programs ask the API in the name of a person, or of a service. Nothing of the token but its hash is anywhere.
CREATE TABLE api_token (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    name         text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    person       uuid REFERENCES person ON DELETE CASCADE,
    scopes       text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ends_at      timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);

COMMENT ON COLUMN api_token.hash IS 'SHA-256 of 256 random bits and the prefix; the token itself is nowhere.';
COMMENT ON COLUMN api_token.person IS 'Whose it is; null: a service''s.';

CREATE INDEX api_token_person ON api_token (person);

-- Servers remember for a moment what a token may do; this has them ask again.
CREATE FUNCTION api_token_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pganalytics_token', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER api_token_changed
    AFTER UPDATE OF hash, person, scopes, ends_at, revoked_at OR DELETE ON api_token
    FOR EACH STATEMENT EXECUTE FUNCTION api_token_changed();
CREATE TRIGGER person_token_changed
    AFTER UPDATE OF name, role, disabled_at OR DELETE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION api_token_changed();

-- Wrong passwords for a name by where they came from; sign_in_failure has those from everywhere.
CREATE TABLE sign_in_failure_from (
    name     text NOT NULL,
    network  text NOT NULL,
    failures integer NOT NULL,
    last_at  timestamptz NOT NULL,
    PRIMARY KEY (name, network)
);

COMMENT ON COLUMN sign_in_failure_from.network IS 'An IPv4 address, or the /64 of an IPv6 one, in hexadecimal digits.';
