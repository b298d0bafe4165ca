CREATE TABLE registration_secret (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    uses bigint NOT NULL DEFAULT 0
);

COMMENT ON COLUMN registration_secret.hash IS 'Argon2id; the secret itself is nowhere.';

CREATE TABLE refresh_secret (
    collector_id uuid PRIMARY KEY REFERENCES collector ON DELETE CASCADE,
    current_hash bytea NOT NULL UNIQUE,
    previous_hash bytea UNIQUE,
    rotated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN refresh_secret.previous_hash IS 'Holds until the current one is used: its answer may have been lost.';

CREATE TABLE signing_key (
    kid text PRIMARY KEY,
    public_key bytea NOT NULL,
    private_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
