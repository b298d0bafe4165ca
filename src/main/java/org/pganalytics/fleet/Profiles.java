package org.pganalytics.fleet;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pganalytics.audit.AuditTrail;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;

/** The profiles and their versions, which never change. Failures are faults. */
public final class Profiles {
    /** Most bytes of a document, as it is written and as it is handed out. */
    public static final int DOCUMENT_BYTES_MAX = 64_000;

    private static final int VERSIONS_MAX = 1_000;
    private static final int COMMENT_LENGTH_MAX = 500;
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final String NEWEST = """
            SELECT DISTINCT ON (profile) %s FROM profile_version ORDER BY profile, version DESC LIMIT 1000
            """.formatted(ProfileVersion.COLUMNS);
    private static final String VERSIONS =
            "SELECT %s FROM profile_version WHERE profile = $1 ORDER BY version DESC LIMIT %d"
                    .formatted(ProfileVersion.COLUMNS, VERSIONS_MAX);
    private static final String ADD = """
            INSERT INTO profile_version (profile, version, tag, document, handed_out, comment, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING %s
            """.formatted(ProfileVersion.COLUMNS);

    private final Pool pool;
    private final ProfileChanges changes;
    private final ProfileReading reading;

    public Profiles(Pool pool, AuditTrail audit, ProfileReading reading) {
        this.pool = pool;
        this.changes = new ProfileChanges(pool, audit);
        this.reading = reading;
    }

    /** The newest version of each, by name; at most 1,000. */
    public Future<List<ProfileVersion>> list() {
        return pool.query(NEWEST).execute().map(Profiles::versions).recover(Collectors::refusal);
    }

    /** All versions of one, the newest first. Fails with NOT_FOUND. */
    public Future<List<ProfileVersion>> versions(String profile) {
        return pool.preparedQuery(VERSIONS)
                .execute(Tuple.of(profile))
                .map(Profiles::versions)
                .map(found -> {
                    if (found.isEmpty()) {
                        throw noProfile(profile);
                    }
                    return found;
                })
                .recover(Collectors::refusal);
    }

    /** Fails with NOT_FOUND. */
    public Future<ProfileVersion> version(String profile, int version) {
        return versions(profile)
                .map(all -> all.stream()
                        .filter(one -> one.version() == version)
                        .findFirst()
                        .orElseThrow(() -> noVersion(profile, version)));
    }

    /**
     * Adds a version; when it says what the newest one says, that one stays the newest. No collector runs it until it is
     * assigned. Fails with BAD_REQUEST, saying all that is wrong with the document.
     *
     * @param document HOCON
     * @param comment why, for people; may be empty
     * @param actor who does it, for the audit
     */
    public Future<ProfileVersion> add(String profile, String document, String comment, String actor) {
        var wrong = wrong(profile, document, comment);
        if (wrong.isPresent()) {
            return Future.failedFuture(Fault.BAD_REQUEST.because(wrong.get()));
        }
        return reading.handedOut(document)
                .recover(refusal -> Future.failedFuture(
                        Fault.BAD_REQUEST.because("profile %s: %s".formatted(profile, refusal.getMessage()))))
                .map(handedOut -> new Draft(profile, document, handedOut, comment))
                .compose(draft -> changes.change(tx -> tx.preparedQuery(VERSIONS)
                        .execute(Tuple.of(profile))
                        .compose(rows -> add(tx, versions(rows), draft, actor))));
    }

    private record Draft(String profile, String document, String handedOut, String comment) {}

    private static Optional<String> wrong(String profile, String document, String comment) {
        if (!NAME.matcher(profile).matches()) {
            return Optional.of(
                    "a profile's name is 1 to 63 of a-z, 0-9, '.', '_', '-', and begins with a letter or digit");
        }
        if (comment.length() > COMMENT_LENGTH_MAX || comment.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("a comment is one line of at most %d characters".formatted(COMMENT_LENGTH_MAX));
        }
        int bytes = document.getBytes(StandardCharsets.UTF_8).length;
        return bytes > DOCUMENT_BYTES_MAX || document.indexOf('\0') >= 0
                ? Optional.of("a profile is text of at most %d bytes, without U+0000; this one has %d"
                        .formatted(DOCUMENT_BYTES_MAX, bytes))
                : Optional.empty();
    }

    private Future<ProfileVersion> add(SqlConnection tx, List<ProfileVersion> before, Draft draft, String actor) {
        if (!before.isEmpty() && before.get(0).handedOut().equals(draft.handedOut())) {
            return Future.succeededFuture(before.get(0));
        }
        if (before.size() >= VERSIONS_MAX) {
            return Future.failedFuture(Fault.CONFLICT.because(
                    "profile %s has %d versions; go on under another name".formatted(draft.profile(), VERSIONS_MAX)));
        }
        int number = before.isEmpty() ? 1 : before.get(0).version() + 1;
        var tag = "%s@%d-%s".formatted(draft.profile(), number, digest(draft.handedOut()));
        var row = Tuple.of(draft.profile(), number, tag, draft.document(), draft.handedOut())
                .addString(draft.comment())
                .addString(actor);
        var details = new JsonObject().put("version", number).put("tag", tag).put("comment", draft.comment());
        return tx.preparedQuery(ADD)
                .execute(row)
                .compose(added -> changes.audit(tx, actor, "profile.add", draft.profile(), details)
                        .map(versions(added).get(0)));
    }

    /** A database restored to an earlier day may number another document the same. */
    private static String digest(String document) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(document.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static List<ProfileVersion> versions(RowSet<Row> rows) {
        var versions = new ArrayList<ProfileVersion>();
        rows.forEach(row -> versions.add(ProfileVersion.of(row)));
        return List.copyOf(versions);
    }

    static FaultException noProfile(String profile) {
        return Fault.NOT_FOUND.because("there is no profile '%s'".formatted(profile));
    }

    static FaultException noVersion(String profile, int version) {
        return Fault.NOT_FOUND.because("there is no version %d of profile '%s'".formatted(version, profile));
    }
}
