-- Who signs in. Names are of lower case, so that no two look alike but for their case.
CREATE TABLE person (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name                text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,62}$'),
    role                text NOT NULL CHECK (role IN ('viewer', 'operator', 'auditor', 'admin')),
    password_hash       text,
    password_changed_at timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    disabled_at         timestamptz,
    signed_in_at        timestamptz
);

COMMENT ON COLUMN person.password_hash IS 'Argon2id; null until a code was redeemed for a password.';

-- Lets somebody choose a password, once.
CREATE TABLE person_code (
    hash    bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    person  uuid UNIQUE REFERENCES person ON DELETE CASCADE,
    ends_at timestamptz NOT NULL
);

COMMENT ON COLUMN person_code.person IS 'Null: makes the first admin.';

CREATE TABLE person_session (
    id       uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hash     bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    person   uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    address  text NOT NULL,
    agent    text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT now(),
    seen_at  timestamptz NOT NULL DEFAULT now(),
    ends_at  timestamptz NOT NULL
);

CREATE INDEX person_session_person ON person_session (person);
CREATE INDEX person_session_seen_at ON person_session (seen_at);

-- Also of names that nobody has: an answer must not tell which these are.
CREATE TABLE sign_in_failure (
    name     text PRIMARY KEY,
    failures integer NOT NULL,
    last_at  timestamptz NOT NULL
);
