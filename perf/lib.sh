# What the scripts of the benches share. Sourced; the working folder is the repository's from then on.
# shellcheck shell=bash
self=$(readlink -f "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
java="${JAVA_HOME:+$JAVA_HOME/bin/}java" # as the launcher
classpath=target/perf.classpath

# The comment at the head of the script.
usage() { sed -n '2,/^[^#]/s/^# \?//p' "$self"; }

wrong_usage() {
  echo "perf/${self##*/}: $1" >&2
  usage >&2
  exit 2
}

package_of() {
  case "$1" in
    java | jcmd) echo openjdk-17-jdk-headless ;;
    mvn) echo maven ;;
    psql) echo postgresql-client ;;
    taskset) echo util-linux ;;
    *) echo "$1" ;;
  esac
}

# Whether Java, Maven and these commands are there: one message names all that are not.
need() {
  local command missing=() packages=() bin
  bin=$(dirname "$(readlink -f "$(command -v "$java" || echo /)")")
  for command in java mvn "$@"; do
    case "$command" in
      java) command -v "$java" >/dev/null && continue ;;
      jcmd) [ -x "$bin/jcmd" ] && continue ;; # of that Java
      *) command -v "$command" >/dev/null && continue ;;
    esac
    missing+=("$command")
    packages+=("$(package_of "$command")")
  done
  [ "${#missing[@]}" = 0 ] && return
  echo "perf/${self##*/}: not installed: ${missing[*]}; on Debian: apt-get install" \
    "$(printf '%s\n' "${packages[@]}" | sort -u | tr '\n' ' ')" >&2
  exit 1
}

build_server() { ./pganalytics --version >/dev/null; } # which builds what has changed

# The tests, and the class path of all.
build() {
  if [ ! -f "$classpath" ] || [ -n "$(find pom.xml src -type f -newer "$classpath" -print -quit)" ]; then
    mvn -B -q -Dspotless.check.skip test-compile dependency:build-classpath \
      -Dmdep.outputFile="$classpath" -Dmdep.includeScope=test
    touch "$classpath"
  fi
}

# Of the first two processors that this process may use $database is for the database, $others for all else; where there is
# one, $database is empty.
choose_cores() {
  local first second
  read -r first second _ < <(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' \
    | awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }' | tr '\n' ' '; echo)
  database=${second:+$first}
  others=${second:-$first}
  export PERF_CORES=$first${second:+,$second}
}

# Becomes the program: run_java MEMORY CLASS ARGUMENT…, on $others where they were chosen.
run_java() {
  local pinned=()
  [ -z "${others:-}" ] || pinned=(taskset -c "$others")
  exec "${pinned[@]}" "$java" -Xmx"$1" -cp "target/test-classes:target/classes:$(cat "$classpath")" "${@:2}"
}
