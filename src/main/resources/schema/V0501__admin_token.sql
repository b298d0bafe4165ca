-- Who may use the API for people; roles are to come.
CREATE TABLE admin_token (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    hash         bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz,
    last_used_at timestamptz
);

COMMENT ON COLUMN admin_token.hash IS 'SHA-256 of 256 random bits; the token itself is nowhere.';
