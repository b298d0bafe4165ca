package org.pganalytics.identity.federation;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.pganalytics.model.Role;

/** Which groups of a provider give which role. */
public record RolesConfig(List<String> admin, List<String> operator, List<String> auditor, List<String> viewer) {
    public RolesConfig {
        admin = List.copyOf(admin);
        operator = List.copyOf(operator);
        auditor = List.copyOf(auditor);
        viewer = List.copyOf(viewer);
    }

    /** The highest that these groups give, compared letter by letter. */
    public Optional<Role> of(Collection<String> groups) {
        if (admin.stream().anyMatch(groups::contains)) {
            return Optional.of(Role.ADMIN);
        }
        if (operator.stream().anyMatch(groups::contains)) {
            return Optional.of(Role.OPERATOR);
        }
        if (auditor.stream().anyMatch(groups::contains)) {
            return Optional.of(Role.AUDITOR);
        }
        return viewer.stream().anyMatch(groups::contains) ? Optional.of(Role.VIEWER) : Optional.empty();
    }

    public boolean isEmpty() {
        return admin.isEmpty() && operator.isEmpty() && auditor.isEmpty() && viewer.isEmpty();
    }
}
