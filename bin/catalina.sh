#!/usr/bin/env bash
# Control script of the server, in the words and with the exit codes of Tomcat's catalina.sh.
#
# Environment, all optional; $CATALINA_BASE/bin/setenv.sh or $CATALINA_HOME/bin/setenv.sh may set it:
#   CATALINA_HOME     the checkout or installation (default: where this script stands)
#   CATALINA_BASE     conf, webapps, logs, temp, work of this node (default: CATALINA_HOME)
#   CATALINA_OPTS     options of start and run;  JAVA_OPTS: options of every command. -Dname=value is used,
#                     options for a JVM are ignored
#   CATALINA_PID      file for the process id    CATALINA_OUT      file for the console's output
#   CATALINA_OUT_CMD  command that takes it      CATALINA_TMPDIR   default $CATALINA_BASE/temp
#   CATALINA_LOGGING_CONFIG, UMASK (0027), USE_NOHUP, JSSE_OPTS as in Tomcat
#   SERVAL_BINARY     another server binary, such as build/asan/bin/serval
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
: "${CATALINA_HOME:=$(dirname "$here")}"
: "${CATALINA_BASE:=$CATALINA_HOME}"

# Words of our own after Tomcat's, so that a script that reads Tomcat's finds them unchanged.
say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

for folder in "$CATALINA_HOME" "$CATALINA_BASE"; do
  case $folder in *:*) die "CATALINA_HOME and CATALINA_BASE must not contain a colon: $folder" ;; esac
done
if [ -r "$CATALINA_BASE/bin/setenv.sh" ]; then
  . "$CATALINA_BASE/bin/setenv.sh"
elif [ -r "$CATALINA_HOME/bin/setenv.sh" ]; then
  . "$CATALINA_HOME/bin/setenv.sh"
fi
: "${CATALINA_OUT:=$CATALINA_BASE/logs/catalina.out}"
: "${CATALINA_TMPDIR:=$CATALINA_BASE/temp}"
: "${CATALINA_LOGGING_CONFIG:=-Djava.util.logging.config.file=$CATALINA_BASE/conf/logging.properties}"
export CATALINA_HOME CATALINA_BASE CATALINA_TMPDIR
umask "${UMASK:-0027}"

server=$CATALINA_HOME/bin/serval
[ -x "$server" ] || die "Cannot find $server: CATALINA_HOME ($CATALINA_HOME) is no Serval checkout or installation."

# Builds here, with its progress on the terminal, rather than inside a process that was sent to the background.
build_if_needed() {
  [ -z "${SERVAL_BINARY:-}" ] && [ -x "$CATALINA_HOME/bin/build.sh" ] || return 0
  is_built || (umask 0022 && "$CATALINA_HOME/bin/build.sh") || exit 1
}
# The binary, and the library of each application whose source stands in webapps.
is_built() {
  [ -x "$CATALINA_HOME/build/release/bin/serval" ] || return 1
  local source
  for source in "$CATALINA_HOME"/webapps/*/WEB-INF/src; do
    [ ! -d "$source" ] || compgen -G "${source%/src}/lib/*.so" > /dev/null || return 1
  done
}

# The options come as one text, quoted as for a shell, as in Tomcat.
options=()
read_options() { eval "options=($CATALINA_LOGGING_CONFIG $JSSE_OPTS $JAVA_OPTS $1)"; }
directories=(-Dcatalina.base="$CATALINA_BASE" -Dcatalina.home="$CATALINA_HOME" -Djava.io.tmpdir="$CATALINA_TMPDIR")

print_using() {
  [ -t 1 ] || return 0
  say "Using CATALINA_BASE:   $CATALINA_BASE"
  say "Using CATALINA_HOME:   $CATALINA_HOME"
  say "Using CATALINA_TMPDIR: $CATALINA_TMPDIR"
  say "Using CLASSPATH:       $CATALINA_HOME/bin/serval"
  say "Using CATALINA_OPTS:   $CATALINA_OPTS"
  [ -z "$CATALINA_PID" ] || say "Using CATALINA_PID:    $CATALINA_PID"
}

run() {
  build_if_needed
  read_options "$CATALINA_OPTS"
  exec "$server" run "${directories[@]}" "${options[@]}" "$@"
}

# An existing PID file stops a second start, unless its process is gone.
check_pid_file() {
  [ -n "$CATALINA_PID" ] && [ -f "$CATALINA_PID" ] || return 0
  if [ -s "$CATALINA_PID" ]; then
    say "Existing PID file found during start."
    [ -r "$CATALINA_PID" ] || die "Unable to read PID file. Start aborted."
    local pid
    pid=$(cat "$CATALINA_PID")
    if kill -0 "$pid" 2> /dev/null; then
      say "Tomcat appears to still be running with PID $pid. Start aborted."
      say "If the following process is not a Tomcat process, remove the PID file and try again:"
      ps -f -p "$pid" 2> /dev/null
      exit 1
    fi
    say "Removing/clearing stale PID file."
  fi
  rm -f "$CATALINA_PID" 2> /dev/null && return 0
  [ -w "$CATALINA_PID" ] || die "Unable to remove or clear stale PID file. Start aborted."
  : > "$CATALINA_PID"
}

# Runs the server in the background; file descriptor 3 is the pipe on which it tells how the start goes.
launch() {
  local prefix=()
  [ "$USE_NOHUP" = true ] && prefix=(nohup)
  export SERVAL_READY_FD=3
  if [ -n "$CATALINA_OUT_CMD" ]; then
    "${prefix[@]}" "$server" run "${directories[@]}" "${options[@]}" "$@" < /dev/null > >(eval "$CATALINA_OUT_CMD" 3>&-) 2>&1 &
  else
    touch "$CATALINA_OUT" || exit 1
    "${prefix[@]}" "$server" run "${directories[@]}" "${options[@]}" "$@" < /dev/null >> "$CATALINA_OUT" 2>&1 &
  fi
  printf 'pid %s\n' $! >&3
}

# The server writes to the pipe: "connector NAME URL" or "failed NAME REASON" for each connector, then "started".
# The end of the pipe without "started" means that it has ended.
start() {
  check_pid_file
  build_if_needed
  read_options "$CATALINA_OPTS"
  print_using
  mkdir -p "$(dirname "$CATALINA_OUT")" || exit 1
  local log=$CATALINA_OUT pid='' started='' word name rest addresses=() failures=()
  [ -z "$CATALINA_OUT_CMD" ] || log=$CATALINA_OUT_CMD
  while read -r word name rest; do
    case $word in
      pid) pid=$name; [ -z "$CATALINA_PID" ] || printf '%s\n' "$pid" > "$CATALINA_PID" ;;
      connector) addresses+=("$rest") ;;
      failed) failures+=("$name: $rest") ;;
      started) started=1; break ;;
    esac
  done < <(launch "$@" 3>&1 > /dev/null)
  for rest in "${failures[@]}"; do say "Connector failed: $rest" >&2; done
  if [ -z "$started" ]; then
    # Its last words reach the log when it ends.
    for ((i = 0; i < 50; i++)); do kill -0 "${pid:-0}" 2> /dev/null && [ -n "${pid:-}" ] || break; sleep 0.1; done
    [ -n "${pid:-}" ] || sleep 0.5
    [ -z "$CATALINA_PID" ] || rm -f "$CATALINA_PID"
    [ -n "$CATALINA_OUT_CMD" ] || tail -n 20 "$CATALINA_OUT" >&2
    die "The server ended while starting, see $log"
  fi
  say "Tomcat started."
  say "Serval runs as process $pid, log file $log"
  for rest in "${addresses[@]}"; do say "$rest"; done
  [ ${#addresses[@]} -gt 0 ] || die "No connector is open."
}

# stop [seconds] [-force]
stop() {
  local seconds=5 force='' pid=''
  case ${1:-} in '' | *[!0-9]*) ;; *) seconds=$1; shift ;; esac
  [ "${1:-}" = -force ] && { force=1; shift; }
  if [ -n "$CATALINA_PID" ]; then
    [ -f "$CATALINA_PID" ] || {
      say "\$CATALINA_PID was set but the specified file does not exist. Is Tomcat running? Stop aborted."
      exit 1
    }
    if [ -s "$CATALINA_PID" ]; then
      pid=$(cat "$CATALINA_PID")
      kill -0 "$pid" 2> /dev/null || {
        say "PID file found but either no matching process was found or the current user does not have permission to stop the process. Stop aborted."
        exit 1
      }
    else
      say "PID file is empty and has been ignored."
    fi
  fi

  read_options ""
  "$server" stop "${directories[@]}" "${options[@]}" "$@"
  local status=$?
  if [ $status -ne 0 ] && [ -n "$pid" ]; then
    say "The stop command failed. Attempting to signal the process to stop through OS signal."
    kill -15 "$pid" 2> /dev/null
    status=0
  fi
  if [ -n "$pid" ]; then
    wait_for_end "$pid" "$seconds" && return 0
    [ -n "$force" ] || { say "PID file was not removed."; return 0; }
    force_end "$pid"
    return
  fi
  [ -z "$force" ] || die "Kill failed: \$CATALINA_PID not set"
  return $status
}

# Looks ten times a second; true once the process is gone.
wait_for_end() {
  local tick
  for ((tick = $2 * 10; tick >= 0; tick--)); do
    if ! kill -0 "$1" 2> /dev/null; then
      rm -f "$CATALINA_PID" 2> /dev/null || : > "$CATALINA_PID"
      say "Tomcat stopped."
      return 0
    fi
    [ "$tick" -eq 0 ] || sleep 0.1
  done
  say "Tomcat did not stop in time."
  return 1
}

force_end() {
  say "Killing Tomcat with the PID: $1"
  kill -9 "$1"
  local tick
  for ((tick = 50; tick > 0; tick--)); do
    if ! kill -0 "$1" 2> /dev/null; then
      rm -f "$CATALINA_PID" 2> /dev/null || : > "$CATALINA_PID"
      say "The Tomcat process has been killed."
      return 0
    fi
    sleep 0.1
  done
  say "Tomcat has not been killed completely yet. The process might be waiting on some system call or might be UNINTERRUPTIBLE."
}

configtest() {
  build_if_needed
  read_options ""
  "$server" configtest "${directories[@]}" "${options[@]}" "$@" && return 0
  say "Configuration error detected!"
  exit 1
}

usage() {
  cat << 'U'
Usage: catalina.sh ( commands ... )
commands:
  run               Start in the current window
  start             Start in a separate window
  stop              Stop, waiting up to 5 seconds for the process to end
  stop n            Stop, waiting up to n seconds for the process to end
  stop -force       Stop, wait up to 5 seconds and then use kill -KILL if still running
  stop n -force     Stop, wait up to n seconds and then use kill -KILL if still running
  configtest        Run a basic syntax check on server.xml - check exit code for result
  version           What version of the server are you running?
  debug, jpda start As run and start: there is no Java debugger to open
  -config FILE      after run, start or stop: another server.xml
Note: Waiting for the process to end and use of the -force option require that $CATALINA_PID is defined
U
  exit 1
}

command=${1:-}
[ $# -gt 0 ] && shift
[ "$command" = jpda ] && { command=${1:-}; [ $# -gt 0 ] && shift; }
case $command in
  run | debug) [ "${1:-}" = -security ] && shift; print_using; run "$@" ;;
  start) [ "${1:-}" = -security ] && shift; start "$@" ;;
  stop) print_using; stop "$@" ;;
  configtest) configtest "$@" ;;
  version) build_if_needed; exec "$server" version ;;
  *) usage ;;
esac
