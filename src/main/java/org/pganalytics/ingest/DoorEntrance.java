package org.pganalytics.ingest;

import io.netty.channel.Channel;
import io.vertx.core.net.NetServerOptions;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.pganalytics.bus.Bus;
import org.pganalytics.bus.Event;
import org.pganalytics.fault.Fault;
import org.pganalytics.fault.FaultException;
import org.pganalytics.http.Entrance;
import org.pganalytics.http.Entrances;
import org.pganalytics.model.CollectorPrincipal;
import org.pganalytics.tls.ListenerSecurity;
import org.pganalytics.tls.Networks;

/** Lets into a door whom its slots and its TLS configuration allow. Safe to share between event loops. */
public final class DoorEntrance implements Entrance {
    private final Entrances entrances;
    private final ConnectionSlots slots;
    private final ListenerSecurity security;
    private final RefusalLog refusals;
    private final Bus bus;
    private final ProxyConfig proxies;
    private final Networks balancers;

    /** @param proxies balancers that name their clients */
    public DoorEntrance(
            Entrances entrances,
            ConnectionSlots slots,
            ListenerSecurity security,
            ProxyConfig proxies,
            RefusalLog refusals,
            Bus bus) {
        this.entrances = entrances;
        this.slots = slots;
        this.security = security;
        this.proxies = proxies;
        this.balancers = Networks.of("proxy-protocol.addresses", proxies.addresses());
        this.refusals = refusals;
        this.bus = bus;
    }

    /** To be called before the door listens. */
    public void guard(NetServerOptions door) {
        entrances.put(door, this);
        // The gate watches the time; Vert.x would begin anew with every byte.
        door.setUseProxyProtocol(!proxies.isOff()).setProxyProtocolTimeout(0);
    }

    @Override
    public boolean enters(String address) {
        if (!security.admits(address)) {
            refused(address, Fault.FORBIDDEN.because("only the addresses of tls.upstream-addresses may connect"));
            return false;
        }
        var full = slots.take(address);
        full.ifPresent(why -> refused(address, why));
        return full.isEmpty();
    }

    @Override
    public void left(String address) {
        slots.release(address);
    }

    @Override
    public void guard(Channel connection, String address) {
        if (!proxies.isOff()) {
            connection.pipeline().addFirst(new ProxyGate(this, address, balancers.contains(address), proxies));
        }
    }

    @Override
    public boolean isBalancer(String address) {
        return security.isBalancer(address) || balancers.contains(address);
    }

    /**
     * The second lock: the certificate of the connection must be this collector's, where the listener asks for one.
     *
     * @param sessionOrNull of TLS
     * @param address of the client
     * @throws FaultException CERTIFICATE_REFUSED
     */
    public void requireCertificate(CollectorPrincipal principal, SSLSession sessionOrNull, String address) {
        try {
            security.requireCertificateOf(principal.collector(), principal.name(), sessionOrNull);
        } catch (FaultException refusal) {
            refusals.refused(address, refusal);
            bus.publish(
                    new Event.CertificateRefused(principal.collector(), address, refusal.fault(), refusal.detail()));
            throw refusal;
        }
    }

    /** Why this client may not enter: the limit per address counts it, not its balancer. */
    Optional<FaultException> entersBehindBalancer(String client) {
        return slots.takeOf(client);
    }

    void leftBehindBalancer(String client) {
        slots.releaseOf(client);
    }

    /** Without a word to the peer: it has not said what it speaks, and one that is refused must cost next to nothing. */
    public void refused(String address, FaultException why) {
        refusals.refused(address, why);
        bus.publish(new Event.StrangerRefused(address, why.fault()));
    }
}
