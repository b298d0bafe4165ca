# The server and the agent in one image: `serve` without arguments, `collect --config FILE` for an agent.

FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml ./
COPY docs/openapi.yaml docs/
COPY src/main src/main
RUN mvn -B -ntp -q -P launch package

FROM eclipse-temurin:17-jre-jammy
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin pganalytics \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/pganalytics \
    && ln -s /opt/pganalytics/pganalytics /usr/local/bin/pganalytics
WORKDIR /opt/pganalytics
COPY LICENSE pganalytics ./
COPY conf conf
COPY --from=build /build/target/pganalytics.jar target/
COPY --from=build /build/target/lib target/lib
# All that is written is below these, and in /tmp, where libraries unpack their native parts.
ENV PGANALYTICS_DATA_DIR=/var/lib/pganalytics \
    PGANALYTICS_STATE_DIR=/var/lib/pganalytics/collector
USER 10001:10001
EXPOSE 7431 8080 9464
# For a server whose management listener speaks no TLS; Kubernetes has probes of its own, and an agent has no such listener.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --retries=3 \
    CMD bash -c 'exec 3<>/dev/tcp/127.0.0.1/9464 && printf "GET /health/live HTTP/1.0\r\n\r\n" >&3 && read -r line <&3 && [[ $line == *" 200 "* ]]'
ENTRYPOINT ["pganalytics"]
CMD ["serve"]
