package org.pganalytics.charts;

import java.util.stream.Stream;

/** Values that people choose together: every database with every way to encrypt, bare and with all there is. */
final class Combinations {
    static final String EMBEDDED = """
            database: { secret: "" }
            server: { replicas: 1 }
            """;
    static final String BALANCED = """
            tls: { secret: "", balancers: [ 10.1.0.0/16, "fd00::/8" ] }
            """;

    private static final String ALL = """
            image: { digest: "sha256:%s", pullSecrets: [ pull ] }
            server:
              replicas: %d
              config: |
                log.format = json
                tcp { window = 8, host = "127.0.0.1" }
              secretEnv: { PGANALYTICS_V3_LEGACY_TOKEN_SECRET: { secret: v3, key: token } }
              podAnnotations: { example.org/owner: "7" }
              nodeSelector: { disk: fast }
              tolerations: [ { key: busy, operator: Exists } ]
              priorityClassName: high
            database: { secret: "%s", caKey: ca.crt }
            redis:
              urls: [ "rediss://redis-0.example", "rediss://redis-1.example:6380" ]
              mode: cluster
              user: pganalytics
              secret: of-redis
              caKey: ca.crt
            drain: { beforeSeconds: 20, withinSeconds: 60 }
            loadBalancer: { enabled: true, port: 443, annotations: { a: b }, sourceRanges: [ 192.0.2.0/24 ] }
            ingress: { enabled: true, host: pga.example, className: nginx, tlsSecret: shown, annotations: { a: b } }
            networkPolicy:
              from: [ { ipBlock: { cidr: 10.0.0.0/8 } } ]
              metricsFrom: [ { namespaceSelector: { matchLabels: { name: monitoring } } } ]
              redisPorts: [ 6379, 6380 ]
              egress: [ { ports: [ { port: 443 } ], to: [ { podSelector: {} } ] } ]
            metrics:
              serviceMonitor: { enabled: true, labels: { release: prometheus } }
              dashboard: { enabled: true }
            collector:
              enabled: true
              serverHost: push.example
              config: |
                targets = [ { name = main, user = watcher, password-env = MAIN_PASSWORD } ]
              secretEnv: { MAIN_PASSWORD: { secret: main, key: password } }
              hostNetwork: true
              nodeSelector: { database: "true" }
              tolerations: [ { operator: Exists } ]
            """;
    private static final String SCALED = """
            autoscaling: { enabled: true }
            cronJobs: { report: { schedule: "0 6 * * *", args: [ cardinality, --json ] } }
            collector: { enabled: true, stateHostPath: "" }
            metrics: { serviceMonitor: { enabled: true } }
            """;
    private static final String LITTLE = """
            networkPolicy: { enabled: false }
            registration: { secret: "" }
            database: { migrateBefore: false }
            tls: { caKey: "" }
            server: { spreadOver: [] }
            collector: { enabled: true }
            """;

    /** Collectors have certificates by an authority of the servers' own. */
    static final String CERTIFIED = "tls: { collectorsSecret: authority, clientAuth: required }\n";

    /** With keys for secrets and for the audit. */
    static final String SEALED = "keys: { secrets: of-secrets, audit: of-audit, auditKey: prove }\n";

    private Combinations() {}

    /** Everything that can be switched on. */
    static String all(boolean embedded) {
        return ALL.formatted("0".repeat(64), embedded ? 1 : 5, embedded ? "" : "of-the-database");
    }

    static Stream<String> every() {
        return Stream.of(
                "",
                EMBEDDED,
                BALANCED,
                EMBEDDED + BALANCED,
                all(false),
                all(true),
                all(false) + BALANCED,
                all(true) + BALANCED,
                all(false) + CERTIFIED,
                all(false) + SEALED,
                SCALED,
                LITTLE);
    }
}
