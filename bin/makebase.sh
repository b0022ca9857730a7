#!/usr/bin/env bash
# makebase.sh DIR [--no-webapps]: makes DIR a CATALINA_BASE of its own, a second node on this machine.
# Copies conf, bin/setenv.sh and the built-in applications, creates lib (valves of your own), logs, temp, work.
set -euo pipefail
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
home=${CATALINA_HOME:-$home}

usage="Usage: makebase.sh <path-to-target-directory> [-w | --webapps | --no-webapps]"
target=
webapps=1
for word in "$@"; do
  case $word in
    -w | --webapps) webapps=1 ;;
    --no-webapps) webapps= ;;
    -*) echo "$usage" >&2; exit 1 ;;
    *) [ -z "$target" ] || { echo "$usage" >&2; exit 1; }; target=$word ;;
  esac
done
[ -n "$target" ] || { echo "$usage" >&2; exit 1; }
if [ -d "$target" ] && [ -n "$(ls -A "$target")" ]; then
  echo "Target directory [$target] exists and is not empty. Aborting!" >&2
  exit 1
fi
# The copied applications need their compiled libraries. Who works with another build brings them himself.
if [ -n "$webapps" ] && [ -z "${SERVAL_BINARY:-}" ] && [ -x "$home/bin/build.sh" ] && [ ! -x "$home/build/release/bin/serval" ]; then
  "$home/bin/build.sh"
fi

mkdir -p "$target"/{bin,conf,lib,logs,temp,webapps,work}
cp -R "$home/conf/." "$target/conf/"
[ ! -f "$home/bin/setenv.sh" ] || cp "$home/bin/setenv.sh" "$target/bin/"
if [ -n "$webapps" ]; then
  for name in ROOT examples manager session-demo; do
    [ ! -d "$home/webapps/$name" ] || cp -R "$home/webapps/$name" "$target/webapps/"
  done
fi
echo "Created CATALINA_BASE directory at $target"
