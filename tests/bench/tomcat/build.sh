#!/usr/bin/env bash
# build.sh FILE: the bench application for Tomcat 10 as a WAR file.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
war=$1
api=/usr/share/java/tomcat10-servlet-api.jar
[ -e "$api" ] && command -v javac > /dev/null || {
  echo "bench needs Java and Tomcat 10: bin/packages.sh --install test" >&2
  exit 1
}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/WEB-INF/classes"
javac --release 11 -cp "$api" -d "$stage/WEB-INF/classes" "$here"/src/bench/*.java
cp "$here/../app/WEB-INF/web.xml" "$stage/WEB-INF/"
cp "$here/../app/k1.txt" "$stage/"
jar cf "$war" -C "$stage" .
