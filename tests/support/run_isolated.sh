#!/bin/sh
# run_isolated.sh PROGRAM [ARGUMENT...]: runs a test program with a network, process ids and a host name of its own:
# only lo, multicast stays on it, every port is free, and no process outlives the program. Where the system does not
# allow that, the program runs as it is, without SERVAL_ISOLATED, and skips what needs it.
spaces="--net --uts --pid --fork --kill-child --mount-proc"
[ "$(id -u)" -eq 0 ] || spaces="--user --map-root-user $spaces"
# shellcheck disable=SC2086
if command -v ip > /dev/null && unshare $spaces true 2> /dev/null; then
  SERVAL_ISOLATED=1
  export SERVAL_ISOLATED
  # shellcheck disable=SC2016
  exec unshare $spaces sh -c 'hostname localhost && ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && "$@"' sh "$@"
fi
exec "$@"
