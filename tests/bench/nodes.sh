# shellcheck shell=bash
# Sourced by run and join: the servers, whose process ids stand in pids[SERVER].
# Wants: here, home; work, a folder of this run, with tomcat.war in it if a Tomcat is to start.
declare -A pids=()
heap=${heap:-512m}  # of a JVM

port() { shuf -i 10000-32000 -n 1; }

# node SERVER NAME HTTP TEMPLATE OPTIONS MULTICAST [MANAGER]: starts one of Serval or Tomcat 10.1 and notes its process id.
node() {
  local base=$work/$1-$2-$3 version=10 jvm=(--jvm default --java-opt "-Xmx$heap") war=$work/tomcat.war
  [ "$1" = tomcat ] || { version=serval; jvm=(); war=$home/build/release/webapps/bench.war; }
  mkdir -p "$base"
  sed -e "s/HTTP_PORT/$3/; s/NODE_NAME/$2/; s/RECEIVER_PORT/$(port)/; s/SEND_OPTIONS/$5/; s/MCAST_PORT/$6/; s/DeltaManager/${7:-DeltaManager}/" \
    "$here/$4" > "$base.xml"
  cp "$war" "$work/bench.war"
  "$home/tests/peers/tomcat-node" start --base "$base" --name "$2" --version "$version" "${jvm[@]}" --http "$3" \
    --config "$base.xml" --webapp "$work/bench.war" --wait 60 > "$base.start" || { cat "$base.start" >&2; exit 1; }
  pids[$1]+=" $(cat "$base/node.pid")"
}

stop() { # SERVER
  local pid
  # shellcheck disable=SC2086
  kill ${pids[$1]} 2> /dev/null || true
  for pid in ${pids[$1]}; do tail -f /dev/null --pid="$pid" -s 0.05; done
  pids[$1]=
}
