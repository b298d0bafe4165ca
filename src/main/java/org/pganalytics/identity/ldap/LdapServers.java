package org.pganalytics.identity.ldap;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPURL;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers of a directory, of which one is asked, and the next when that one does not answer. Blocking, thread-safe. */
final class LdapServers {
    private static final Logger LOG = LoggerFactory.getLogger(LdapServers.class);

    /** Another server may well answer. */
    private static final Set<ResultCode> AWAY = Set.of(
            ResultCode.CONNECT_ERROR,
            ResultCode.SERVER_DOWN,
            ResultCode.TIMEOUT,
            ResultCode.LOCAL_ERROR,
            ResultCode.BUSY,
            ResultCode.UNAVAILABLE,
            ResultCode.PROTOCOL_ERROR,
            ResultCode.DECODING_ERROR);

    private final LdapConfig config;
    private final TimedTls tls;
    /** The one that answered last is asked first. */
    private final AtomicInteger first = new AtomicInteger();

    LdapServers(LdapConfig config) {
        this.config = config;
        this.tls = new TimedTls(LdapTrust.context(config).getSocketFactory(), (int)
                config.timeout().toMillis());
    }

    /** What is asked of one server, again of the next one when the first is gone meanwhile. */
    @FunctionalInterface
    interface Question<T> {
        /** @param connection signed in as who searches */
        T ask(LDAPConnection connection) throws LDAPException;
    }

    /** Fails with DIRECTORY_DOWN. */
    <T> T ask(Question<T> question) {
        int begin = first.get();
        LDAPException last = null;
        for (int tried = 0; tried < config.urls().size(); tried++) {
            int at = (begin + tried) % config.urls().size();
            try {
                T answer = ask(config.urls().get(at), question);
                first.set(at);
                return answer;
            } catch (LDAPException failure) {
                last = failure;
                LOG.warn(
                        "the directory at {} does not answer: {}", config.urls().get(at), why(failure));
                if (!AWAY.contains(failure.getResultCode())) {
                    break;
                }
            }
        }
        throw away(last);
    }

    private static FaultException away(LDAPException cause) {
        return Fault.DIRECTORY_DOWN.because(
                "the directory does not answer; people with an account here can sign in", cause);
    }

    private <T> T ask(String url, Question<T> question) throws LDAPException {
        var at = new LDAPURL(url);
        try (var connection = open(at, LdapConfig.isTls(url))) {
            if (config.startTls()) {
                requireSuccess(connection);
            }
            if (!config.bindDn().isEmpty()) {
                connection.bind(new SimpleBindRequest(config.bindDn(), config.bindPassword()));
            }
            return question.ask(connection);
        }
    }

    private void requireSuccess(LDAPConnection connection) throws LDAPException {
        var answer = connection.processExtendedOperation(new StartTLSExtendedRequest(tls));
        if (!answer.getResultCode().equals(ResultCode.SUCCESS)) {
            throw new LDAPException(ResultCode.CONNECT_ERROR, "StartTLS is refused: " + answer.getResultCode());
        }
    }

    private LDAPConnection open(LDAPURL at, boolean byTls) throws LDAPException {
        return byTls
                ? new LDAPConnection(tls, options(), at.getHost(), at.getPort())
                : new LDAPConnection(options(), at.getHost(), at.getPort());
    }

    private LDAPConnectionOptions options() {
        int millis = (int) config.timeout().toMillis();
        var options = new LDAPConnectionOptions();
        options.setConnectTimeoutMillis(millis);
        options.setResponseTimeoutMillis(millis);
        options.setAbandonOnTimeout(true);
        options.setFollowReferrals(false);
        return options;
    }

    /** The library's messages of a failed bind have no password; of a failed search they have the filter. */
    private static String why(LDAPException failure) {
        return failure.getResultCode().getName() + ", "
                + failure.getMessage().lines().findFirst().orElse("");
    }
}
