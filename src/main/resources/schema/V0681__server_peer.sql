-- Which servers are there, and how many collectors each of them holds.
CREATE TABLE server_peer (
    server_id uuid        PRIMARY KEY,
    sessions  integer     NOT NULL CHECK (sessions >= 0),
    seen_at   timestamptz NOT NULL
) WITH (fillfactor = 50);

COMMENT ON COLUMN server_peer.sessions IS 'collectors that hold a connection to it';
