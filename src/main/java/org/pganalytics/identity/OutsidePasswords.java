package org.pganalytics.identity;

import io.vertx.core.Future;

/** Tries the passwords of people who have none here. */
@FunctionalInterface
public interface OutsidePasswords {
    /** Nobody is known elsewhere. */
    OutsidePasswords NONE = (name, password) -> Future.succeededFuture(false);

    /**
     * Whether it is theirs. Who is right stands in the table of people afterwards; who has an account here never is. What is
     * no takes as long for a name that nobody has. Fails with DIRECTORY_DOWN, OVERLOADED and STORE_DOWN.
     *
     * @param name one that a person may have
     */
    Future<Boolean> verify(String name, String password);
}
