-- Roll-ups by ten minutes, between those by the minute and by the hour, for the ends of long ranges.
CREATE SCHEMA metrics_ten;

ALTER TABLE metric_family ADD COLUMN tens_from timestamptz;

COMMENT ON COLUMN metric_family.tens_from IS 'from when on roll-ups by ten minutes are there; NULL while they have no table';

ALTER TABLE roll_up_work DROP CONSTRAINT roll_up_work_level_check,
    ADD CONSTRAINT roll_up_work_level_check CHECK (level IN ('minute', 'ten', 'hour'));

COMMENT ON COLUMN roll_up_work.pending IS 'minutes, tens of minutes or hours since 1970-01-01 00:00 UTC whose rows have changed';

-- A server of the version before, which may lead while a fleet is upgraded, notes the hours of minutes that it made anew and
-- no tens: nobody would know that these are no longer as the rows are.
CREATE FUNCTION roll_up_tens_of_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roll_up_work (family, level, target_id, pending)
    SELECT NEW.family, 'ten', NEW.target_id, range_agg(int4range(lower(one) * 6, upper(one) * 6))
    FROM unnest(NEW.pending) AS one
    WHERE EXISTS (SELECT FROM metric_family WHERE family = NEW.family AND tens_from IS NOT NULL)
    HAVING count(*) > 0
    ON CONFLICT (family, level, target_id) DO UPDATE SET pending = roll_up_work.pending + excluded.pending;
    RETURN NULL;
END $$;

CREATE TRIGGER roll_up_tens_of_hours AFTER INSERT OR UPDATE ON roll_up_work FOR EACH ROW
    WHEN (NEW.level = 'hour' AND current_setting('pganalytics.tens', true) IS DISTINCT FROM 'noted')
    EXECUTE FUNCTION roll_up_tens_of_hours();
