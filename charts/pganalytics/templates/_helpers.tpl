{{/* The release's name, with the chart's unless it is in it already. */}}
{{- define "pganalytics.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* What chooses the pods of a component. Call with (list $ "server"). */}}
{{- define "pganalytics.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ $.Chart.Name }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Name, labels of an object. Call with (list $ "server" "-headless"). */}}
{{- define "pganalytics.metadata" -}}
{{- $ := index . 0 -}}
name: {{ include "pganalytics.name" $ }}{{ index . 2 }}
labels:
  {{- include "pganalytics.selector" (list $ (index . 1)) | nindent 2 }}
  app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ $.Release.Service }}
  helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | quote }}
{{- end }}

{{- define "pganalytics.embedded" -}}
{{- if not .Values.database.secret }}true{{ end }}
{{- end }}

{{- define "pganalytics.encrypts" -}}
{{- if not .Values.tls.balancers }}true{{ end }}
{{- end }}

{{- define "pganalytics.scheme" -}}
{{- if include "pganalytics.encrypts" . }}https{{ else }}http{{ end }}
{{- end }}

{{/* The name by which clients in the cluster know the servers; their certificate must say it. */}}
{{- define "pganalytics.host" -}}
{{ include "pganalytics.name" . }}.{{ .Release.Namespace }}.svc
{{- end }}

{{- define "pganalytics.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* What every pod is: nobody, without rights, without a token of the cluster. */}}
{{- define "pganalytics.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What every container is. */}}
{{- define "pganalytics.container" -}}
image: {{ include "pganalytics.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Where pods run. Call with a component's values. */}}
{{- define "pganalytics.placement" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A variable from a Secret. Call with (list name secret key optional). */}}
{{- define "pganalytics.secretVariable" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 | quote }}
      key: {{ index . 2 | quote }}
      {{- if index . 3 }}
      optional: true
      {{- end }}
{{- end }}

{{- define "pganalytics.secretEnv" -}}
{{- range $name, $from := . }}
{{ include "pganalytics.secretVariable" (list $name $from.secret $from.key false) }}
{{- end }}
{{- end }}

{{/* What servers, migrations and commands on a schedule need to reach the database. */}}
{{- define "pganalytics.environment" -}}
- name: PGANALYTICS_JAVA_OPTIONS
  value: {{ .Values.server.javaOptions | quote }}
{{- with .Values.database }}
{{- if .secret }}
{{ include "pganalytics.secretVariable" (list "PGANALYTICS_DATABASE_URL" .secret .urlKey false) }}
{{ include "pganalytics.secretVariable" (list "PGANALYTICS_DATABASE_PASSWORD" .secret .passwordKey true) }}
{{- end }}
{{- end }}
{{- with .Values.redis }}
{{- if .secret }}
{{ include "pganalytics.secretVariable" (list "PGANALYTICS_REDIS_PASSWORD" .secret .passwordKey false) }}
{{- end }}
{{- end }}
{{- with .Values.server.secretEnv }}
{{ include "pganalytics.secretEnv" . | trim }}
{{- end }}
{{- end }}

{{- define "pganalytics.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: data, mountPath: /var/lib/pganalytics }
{{- if and .Values.database.secret .Values.database.caKey }}
- { name: database, mountPath: /etc/pganalytics/database, readOnly: true }
{{- end }}
{{- if and .Values.redis.secret .Values.redis.caKey }}
- { name: redis, mountPath: /etc/pganalytics/redis, readOnly: true }
{{- end }}
{{- if or .Values.keys.secrets .Values.keys.audit }}
- { name: keys, mountPath: /etc/pganalytics/keys, readOnly: true }
{{- end }}
{{- end }}

{{/* Call with the root; the server alone keeps data, when its PostgreSQL is embedded. */}}
{{- define "pganalytics.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- with .Values.database }}
{{- if and .secret .caKey }}
- name: database
  secret:
    secretName: {{ .secret | quote }}
    items: [{ key: {{ .caKey | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- with .Values.redis }}
{{- if and .secret .caKey }}
- name: redis
  secret:
    secretName: {{ .secret | quote }}
    items: [{ key: {{ .caKey | quote }}, path: ca.crt }]
{{- end }}
{{- end }}
{{- with .Values.keys }}
{{- if or .secrets .audit }}
# A server takes no keys that others may read.
- name: keys
  projected:
    defaultMode: 0440
    sources:
      {{- with .secrets }}
      - secret: { name: {{ . | quote }}, items: [{ key: {{ $.Values.keys.secretsKey | quote }}, path: secrets.keys }] }
      {{- end }}
      {{- with .audit }}
      - secret: { name: {{ . | quote }}, items: [{ key: {{ $.Values.keys.auditKey | quote }}, path: audit.keys }] }
      {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A pod that runs one command and ends. Call with (list $ component args). */}}
{{- define "pganalytics.commandPod" -}}
{{- $ := index . 0 -}}
metadata:
  labels:
    {{- include "pganalytics.selector" (list $ (index . 1)) | nindent 4 }}
spec:
  {{- include "pganalytics.pod" $ | nindent 2 }}
  restartPolicy: Never
  {{- with (include "pganalytics.placement" $.Values.server | trim) }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: command
      {{- include "pganalytics.container" $ | nindent 6 }}
      args: {{ toJson (index . 2) }}
      env:
        {{- include "pganalytics.environment" $ | nindent 8 }}
      resources: {{- toYaml $.Values.server.resources | nindent 8 }}
      volumeMounts:
        {{- include "pganalytics.mounts" $ | nindent 8 }}
        # Where a command looks that is not told.
        - { name: config, mountPath: /opt/pganalytics/conf/pganalytics.conf, subPath: pganalytics.conf, readOnly: true }
  volumes:
    {{- include "pganalytics.volumes" $ | nindent 4 }}
    - name: config
      configMap: { name: {{ include "pganalytics.name" $ }}-{{ index . 1 }} }
    - name: data
      emptyDir: {}
{{- end }}

{{/* What no schema can say: values that do not go together. */}}
{{- define "pganalytics.check" -}}
{{- if and (include "pganalytics.embedded" .) (or .Values.autoscaling.enabled (gt (int .Values.server.replicas) 1)) }}
{{- fail "database.secret is empty, and the embedded PostgreSQL is one server's own: name a Secret with the URL of a database, or set server.replicas to 1 and autoscaling.enabled to false" }}
{{- end }}
{{- if and (include "pganalytics.encrypts" .) (not .Values.tls.secret) }}
{{- fail "tls.secret is empty: name a Secret of type kubernetes.io/tls, or in tls.balancers the networks of the balancers that end TLS" }}
{{- end }}
{{- if and .Values.tls.collectorsSecret (not (include "pganalytics.encrypts" .)) }}
{{- fail "tls.collectorsSecret needs TLS that ends in the servers: leave tls.balancers empty" }}
{{- end }}
{{- if and (ne .Values.tls.clientAuth "none") (not .Values.tls.collectorsSecret) }}
{{- fail "tls.clientAuth asks for certificates: name in tls.collectorsSecret the authority that makes them" }}
{{- end }}
{{- if and .Values.collector.enabled (not .Values.collector.serverHost) (not (include "pganalytics.encrypts" .)) }}
{{- fail "collector.serverHost is empty: name the balancer, since with tls.balancers the servers take nobody else" }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.min) (int .Values.autoscaling.max)) }}
{{- fail "autoscaling.min is more than autoscaling.max" }}
{{- end }}
{{- if and .Values.cronJobs (include "pganalytics.embedded" .) }}
{{- fail "cronJobs need a database of their own to reach: database.secret is empty" }}
{{- end }}
{{- end }}

{{/* Call with (list $ path). */}}
{{- define "pganalytics.probe" -}}
httpGet:
  path: {{ index . 1 }}
  port: management
  scheme: {{ include "pganalytics.scheme" (index . 0) | upper }}
timeoutSeconds: 3
{{- end }}

{{- define "pganalytics.nameLookups" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end }}

{{/* HOCON of a server: what the values say, and after it what the chart says, which counts. */}}
{{- define "pganalytics.serverConfig" -}}
{{- with .Values.server.config }}
{{- . | trimSuffix "\n" }}
{{- end }}
# Set by the chart.
data.dir = "/var/lib/pganalytics"
{{- with .Values.redis }}
{{- if .urls }}
redis {
  mode = {{ .mode }}
  urls = {{ toJson .urls }}
  user = {{ toJson .user }}
  ca = {{ ternary "/etc/pganalytics/redis/ca.crt" "" (not (or (empty .secret) (empty .caKey))) | toJson }}
}
{{- end }}
{{- end }}
{{- if .Values.tls.collectorsSecret }}
tls.ca { certificate = "/etc/pganalytics/collectors/tls.crt", key = "/etc/pganalytics/collectors/tls.key" }
{{- end }}
{{- if .Values.keys.secrets }}
secrets.keys-file = "/etc/pganalytics/keys/secrets.keys"
{{- end }}
{{- if .Values.keys.audit }}
audit.key-file = "/etc/pganalytics/keys/audit.keys"
{{- end }}
shutdown.within = {{ .Values.drain.withinSeconds }}s
{{- $drain := div (mul 2 .Values.drain.withinSeconds) 5 }}
{{- range $door, $port := dict "tcp" 7431 "http" 8080 "management" 9464 }}
{{ $door }} {
  host = "0.0.0.0"
  port = {{ $port }}
  {{- if ne $door "management" }}
  drain-time = {{ $drain }}s
  {{- if not (include "pganalytics.encrypts" $) }}
  # A balancer speaks for many.
  trusted-addresses = {{ toJson $.Values.tls.balancers }}
  {{- end }}
  {{- end }}
  tls {
    mode = {{ ternary "on" "terminated-upstream" (not $.Values.tls.balancers) }}
    {{- if include "pganalytics.encrypts" $ }}
    certificate = "/etc/pganalytics/tls/tls.crt"
    key = "/etc/pganalytics/tls/tls.key"
    upstream-addresses = []
    {{- if and $.Values.tls.collectorsSecret (ne $door "management") }}
    client-auth = {{ $.Values.tls.clientAuth }}
    {{- end }}
    {{- else }}
    certificate = ""
    key = ""
    upstream-addresses = {{ toJson $.Values.tls.balancers }}
    {{- end }}
  }
}
{{- end }}
{{- end }}

{{/* The same for what ends by itself: it listens nowhere, so it is given no key of the servers, nor of their authority. */}}
{{- define "pganalytics.commandConfig" -}}
{{ include "pganalytics.serverConfig" . }}
# A command listens nowhere, and has the 30 s that Kubernetes gives a pod to end.
shutdown.within = 25s
tls.ca { certificate = "", key = "" }
{{- range list "tcp" "http" }}
{{ . }}.tls.client-auth = none
{{- end }}
{{- range list "tcp" "http" "management" }}
{{ . }} { host = "127.0.0.1", tls { mode = off, certificate = "", key = "", upstream-addresses = [] } }
{{- end }}
{{- end }}

{{/* HOCON of an agent. */}}
{{- define "pganalytics.collectorConfig" -}}
{{- with .Values.collector }}
{{- with .config }}
{{- . | trimSuffix "\n" }}
{{- end }}
# Set by the chart.
state.dir = "/var/lib/pganalytics/collector"
servers = [{
  host = {{ .serverHost | default (include "pganalytics.host" $) | toJson }}
  tcp-port = {{ ternary .tcpPort 7431 (not (empty .serverHost)) }}
  http-port = {{ ternary .httpPort 8080 (not (empty .serverHost)) }}
  tls = true
  certificates = {{ ternary "/etc/pganalytics/ca.crt" "" (not (empty (include "pganalytics.collectorTrusts" $))) | toJson }}
  verify-host = true
}]
{{- end }}
{{- end }}

{{/* Whether agents are given the authority of the servers' certificate. */}}
{{- define "pganalytics.collectorTrusts" -}}
{{- if and (not .Values.collector.serverHost) .Values.tls.caKey }}true{{ end }}
{{- end }}
