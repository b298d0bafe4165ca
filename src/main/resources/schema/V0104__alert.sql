CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule text NOT NULL,
    subject text NOT NULL DEFAULT '',
    severity text NOT NULL,
    message text NOT NULL,
    raised_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    cleared_at timestamptz
);

CREATE UNIQUE INDEX alert_open ON alert (rule, subject) WHERE cleared_at IS NULL;
CREATE INDEX alert_raised_at ON alert (raised_at);
