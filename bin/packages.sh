#!/usr/bin/env bash
# The one list of Debian packages. bin/packages.sh GROUP... prints what is missing, one line;
# with --install it installs that (as root or through sudo, else it prints the line to run and stops).
set -euo pipefail

build=(g++ cmake ninja-build pkg-config libboost1.81-dev libfmt-dev libpugixml-dev
  libssl-dev libpcap-dev libzip-dev zlib1g-dev libpcre2-dev libcli11-dev
  libpq-dev libsqlite3-dev)
test=(mold libgtest-dev binutils curl iproute2 openssl tcpdump openjdk-17-jdk-headless libtomcat9-java libtomcat10-java
  postgresql sqlite3 libpostgresql-jdbc-java libxerial-sqlite-jdbc-java)
bench=(wrk)
develop=(ccache clang-format clang-tidy clang shellcheck)

install=
[ "${1:-}" = --install ] && { install=1; shift; }
wanted=()
for group in "${@:-build}"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    develop) wanted+=("${develop[@]}") ;;
    *) echo "packages.sh: unknown group '$group' (build, test, bench, develop)" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query > /dev/null; then
  echo "packages.sh: no dpkg here, so install these yourself: ${wanted[*]}" >&2
  exit 0
fi
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2> /dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  [[ $'\n'$installed$'\n' == *$'\n'"installed $package"$'\n'* ]] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ -z "$install" ]; then
  echo "${missing[*]}"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
    as_root=(sudo)
  else
    echo "Missing packages. Run this as root, then try again:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
echo "== Installing ${missing[*]}"
# A stale package list is the common reason for a failure, so fetch it first; a dead mirror may still
# leave everything in the local cache, hence no stop here.
"${as_root[@]}" apt-get update -qq || echo "packages.sh: apt-get update failed, going on with the old list" >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
