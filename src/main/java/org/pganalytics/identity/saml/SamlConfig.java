package org.pganalytics.identity.saml;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.pganalytics.fault.Limit;
import org.pganalytics.model.Role;

/**
 * The identity provider that speaks SAML 2.0; without its entity id there is none.
 *
 * @param id what people's accounts here remember of it, 1 to 32 of a-z, 0-9, '-'; another provider takes another one
 * @param idpEntityId what it is called in its metadata and answers
 * @param idpMetadataFile its metadata; null when they are fetched
 * @param idpMetadataUrl where they are fetched, https://; empty when they are in a file
 * @param caFile PEM file of the authorities that may certify that address; null for those of the Java runtime
 * @param entityId what this service is called there; empty for the address of its metadata
 * @param key PEM file of this service's RSA key, which signs requests and opens assertions; its owner's alone
 * @param certificate PEM file of its certificate
 * @param nameAttribute what people are called here
 * @param idAttribute what stays when they are renamed; empty for the NameID
 * @param groupsAttribute the groups that they are in
 * @param roles which groups have which role
 * @param clockSkew by how much its clock may differ, 0 s to 5 min
 * @param metadataRefresh how often its metadata are read again, 1 min to 7 d
 * @param trustsFactor whether its word counts for a second factor, too
 */
public record SamlConfig(
        String id,
        String idpEntityId,
        Path idpMetadataFile,
        String idpMetadataUrl,
        Path caFile,
        String entityId,
        Path key,
        Path certificate,
        String nameAttribute,
        String idAttribute,
        String groupsAttribute,
        Roles roles,
        Duration clockSkew,
        Duration metadataRefresh,
        boolean trustsFactor) {
    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final int ENTITY_ID_LENGTH_MAX = 1_024;

    /** Names of groups. */
    public record Roles(List<String> admin, List<String> operator, List<String> auditor, List<String> viewer) {
        public Roles {
            admin = List.copyOf(admin);
            operator = List.copyOf(operator);
            auditor = List.copyOf(auditor);
            viewer = List.copyOf(viewer);
        }

        /** The highest first. */
        private Map<Role, List<String>> byRole() {
            var all = new LinkedHashMap<Role, List<String>>();
            all.put(Role.ADMIN, admin);
            all.put(Role.OPERATOR, operator);
            all.put(Role.AUDITOR, auditor);
            all.put(Role.VIEWER, viewer);
            return all;
        }

        /** The highest that they give. */
        Optional<Role> of(List<String> groups) {
            var theirs = Set.copyOf(groups);
            return byRole().entrySet().stream()
                    .filter(role -> role.getValue().stream().anyMatch(theirs::contains))
                    .map(Map.Entry::getKey)
                    .findFirst();
        }

        boolean areEmpty() {
            return byRole().values().stream().allMatch(List::isEmpty);
        }
    }

    public SamlConfig {
        Limit.between("identity.saml.clock-skew", clockSkew, Duration.ZERO, Duration.ofMinutes(5));
        Limit.between("identity.saml.metadata-refresh", metadataRefresh, Duration.ofMinutes(1), Duration.ofDays(7));
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "identity.saml.id = '%s' must be 1 to 32 of a-z, 0-9, '-', such as saml".formatted(id));
        }
        if (!idpEntityId.isEmpty()) {
            requireMetadata(idpEntityId, idpMetadataFile, idpMetadataUrl);
            requirePair(key, certificate);
            requireNames(nameAttribute, groupsAttribute);
            if (roles.areEmpty()) {
                throw new IllegalArgumentException("identity.saml.roles must be groups by role, such as"
                        + " { admin = [\"dba\"] }: who is in none of them cannot sign in");
            }
        }
    }

    public boolean isConfigured() {
        return !idpEntityId.isEmpty();
    }

    private static void requireMetadata(String entityId, Path file, String url) {
        if (entityId.length() > ENTITY_ID_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "identity.saml.idp-entity-id must have at most %d characters".formatted(ENTITY_ID_LENGTH_MAX));
        }
        if ((file == null) == url.isEmpty()) {
            throw new IllegalArgumentException("identity.saml must have one of idp-metadata-file and idp-metadata-url");
        }
        if (!url.isEmpty() && !IdpMetadata.isSafe(url)) {
            throw new IllegalArgumentException("identity.saml.idp-metadata-url must be https://host/…, or http:// on"
                    + " loopback: who changes the metadata on their way signs in as anybody");
        }
    }

    private static void requirePair(Path key, Path certificate) {
        if (key == null || certificate == null) {
            throw new IllegalArgumentException(
                    "identity.saml.key and certificate must be PEM files of an RSA key and its"
                            + " certificate, such as 'openssl req -x509 -newkey rsa:3072 -nodes' makes them");
        }
    }

    private static void requireNames(String name, String groups) {
        if (name.isBlank() || groups.isBlank()) {
            throw new IllegalArgumentException("identity.saml.name-attribute and groups-attribute must be names of"
                    + " attributes, as the identity provider's assertions have them");
        }
    }
}
