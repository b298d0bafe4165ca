-- People whom a provider knows (OpenID Connect, SAML): by what it calls them for ever, and never by name or e-mail alone.
ALTER TABLE person
    ADD COLUMN provider text NOT NULL DEFAULT '',
    DROP CONSTRAINT person_source_check,
    DROP CONSTRAINT person_source_check1,
    DROP CONSTRAINT person_external_id_key,
    ADD CONSTRAINT person_source_check CHECK (source IN ('local', 'ldap', 'oidc', 'saml')),
    ADD CONSTRAINT person_source_check1 CHECK (
        CASE source
            WHEN 'local' THEN external_id IS NULL AND provider = ''
            WHEN 'ldap' THEN password_hash IS NULL AND provider = ''
            ELSE password_hash IS NULL AND external_id IS NOT NULL AND provider ~ '^[a-z0-9][a-z0-9-]{0,31}$'
        END),
    ADD CONSTRAINT person_external_id_key UNIQUE (source, provider, external_id);

COMMENT ON COLUMN person.provider IS 'Which of the source''s providers knows them, as the configuration calls it; empty for the others.';
COMMENT ON COLUMN person.external_id IS 'What the directory or the provider calls them for ever; null until a link of the directory was followed.';
COMMENT ON COLUMN person.sync_disabled_at IS
    'Equals disabled_at when the directory''s sync, or a sign-in without a role, has disabled them.';

-- Sign-ins that a provider has not answered yet. Nothing here opens anything: what must be secret is made of the browser's
-- cookie, which is nowhere.
CREATE TABLE pending_sign_in (
    state_hash   bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash bytea NOT NULL CHECK (octet_length(browser_hash) = 32),
    source       text NOT NULL,
    provider     text NOT NULL,
    request      text NOT NULL CHECK (octet_length(request) <= 1024),
    answer       text CHECK (octet_length(answer) <= 4096),
    target       text NOT NULL CHECK (octet_length(target) <= 1024),
    network      text NOT NULL,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    ends_at      timestamptz NOT NULL
);

COMMENT ON COLUMN pending_sign_in.request IS 'What an answer is compared with: the id of a SAML request; empty for OpenID Connect.';
COMMENT ON COLUMN pending_sign_in.answer IS 'What came by a request that shows no cookie (SAML), checked; taken by one that does.';
COMMENT ON COLUMN pending_sign_in.network IS 'As in sign_in_failure_from.';

CREATE INDEX pending_sign_in_begun_at ON pending_sign_in (begun_at);
CREATE INDEX pending_sign_in_network ON pending_sign_in (network, begun_at);
