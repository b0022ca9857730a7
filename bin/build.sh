#!/usr/bin/env bash
# Builds Serval and its applications into build/release; installs missing Debian packages first.
# Nothing to do takes well under two seconds.
set -euo pipefail
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$home"

bin/packages.sh --install build
if [ ! -f build/release/build.ninja ]; then
  echo "== Configuring build/release"
  cmake --preset release -DSERVAL_TESTS=OFF > /dev/null
  echo "== Building (some minutes the first time)"
fi
NINJA_STATUS='[%f/%t] ' cmake --build build/release --target server

# The checkout is a CATALINA_HOME whose webapps/NAME is the application's own folder (see
# webapps/README.md): give each its compiled library. Replaced by rename, so that a server that is just
# loading one never sees half a file.
for library in build/release/webapps.build/lib/*.so; do
  name=$(basename "$library" .so)
  [ -d "webapps/$name/WEB-INF" ] || continue
  target=webapps/$name/WEB-INF/lib/$name.so
  if ! cmp -s "$library" "$target"; then
    mkdir -p "$(dirname "$target")"
    cp "$library" "$target.new"
    mv "$target.new" "$target"
  fi
done
