-- A second factor, and when somebody has last proven in a session who they are.
CREATE TABLE person_totp (
    person       uuid PRIMARY KEY REFERENCES person ON DELETE CASCADE,
    secret       bytea NOT NULL,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0
);

COMMENT ON COLUMN person_totp.secret IS 'Sealed; opens in this column and row only.';
COMMENT ON COLUMN person_totp.confirmed_at IS 'Null until a first code was shown: then it is asked for.';
COMMENT ON COLUMN person_totp.last_step IS 'Of the last code that was taken, in 30 s since 1970; none up to it is taken again.';

CREATE TABLE person_recovery_code (
    hash   bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    person uuid NOT NULL REFERENCES person_totp ON DELETE CASCADE
);

CREATE INDEX person_recovery_code_person ON person_recovery_code (person);

ALTER TABLE person_session
    ADD confirmed_at  timestamptz NOT NULL DEFAULT now(),
    ADD second_factor boolean NOT NULL DEFAULT false;

-- Under which keys all sealed values stood at some time: told to the audit once.
CREATE TABLE sealed_under (
    key_id text PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now()
);
