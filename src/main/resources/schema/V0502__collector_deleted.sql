-- What is known of a collector goes with it when it is deleted; its samples go with their retention.
ALTER TABLE ledger DROP CONSTRAINT ledger_collector_id_fkey,
    ADD CONSTRAINT ledger_collector_id_fkey FOREIGN KEY (collector_id) REFERENCES collector ON DELETE CASCADE;
ALTER TABLE target DROP CONSTRAINT target_collector_id_fkey,
    ADD CONSTRAINT target_collector_id_fkey FOREIGN KEY (collector_id) REFERENCES collector ON DELETE CASCADE;

CREATE INDEX collector_registered_at ON collector (registered_at, collector_id);
CREATE INDEX target_name ON target (name, target_id);
