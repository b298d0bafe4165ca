-- What is watched, and what is known about the families whose samples are kept in the schema "metrics".
CREATE SCHEMA IF NOT EXISTS metrics;

CREATE TABLE target (
    target_id     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collector_id  uuid NOT NULL REFERENCES collector,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (collector_id, name)
);

-- As last declared; a family that is declared no more keeps its table and its retention.
CREATE TABLE metric_family (
    family         text PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('samples', 'dictionary')),
    title          text NOT NULL,
    retention      interval NOT NULL,
    dictionary_of  text,
    dictionary_key text,
    declared_at    timestamptz NOT NULL DEFAULT now()
);

-- Every form a family has had: a batch names the one it was made with.
CREATE TABLE family_schema (
    family       text NOT NULL,
    fingerprint  bigint NOT NULL,
    column_names text[] NOT NULL,
    column_types text[] NOT NULL,
    column_roles text[] NOT NULL,
    declared_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (family, fingerprint)
);
