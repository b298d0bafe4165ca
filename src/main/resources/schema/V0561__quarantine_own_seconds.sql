-- What of a kept body of version 3 counts as settled with it, and is stored by its replay: the rest was settled before, as rows
-- or in another kept body. NULL, as a server of the version before leaves it: all of it.
ALTER TABLE quarantine
    ADD COLUMN own_seconds int8[],
    ADD COLUMN repeated_lines integer NOT NULL DEFAULT 0;

COMMENT ON COLUMN quarantine.own_seconds IS 'seconds since 1970, as first and last of each range, rising';
COMMENT ON COLUMN quarantine.repeated_lines IS
    'of a log, whose lines come first and one a block: how many were stored before';
