-- The oldest schema version whose servers may still work on this database. A migration that takes something away which
-- the version before it still used raises it: UPDATE schema_floor SET version = '….'.
CREATE TABLE schema_floor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  text NOT NULL
);
INSERT INTO schema_floor (version) VALUES ('0001');
