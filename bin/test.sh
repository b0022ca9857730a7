#!/usr/bin/env bash
# test.sh [--preset NAME] [ctest options]: installs what tests need, builds, runs all tests.
#   bin/test.sh -L unit          only the unit tests
#   bin/test.sh -LE interop      all but those that start a real Tomcat
#   bin/test.sh --preset asan    the same with another build
#   bin/test.sh -L soak          the long runs, which are in none of the above
# Labels: unit scenario integration style e2e interop bench soak
set -euo pipefail
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$home"
preset=release
[ "${1:-}" = --preset ] && { preset=$2; shift 2; }

bin/packages.sh --install build test
echo "== Building everything ($preset)"
cmake --preset "$preset" -DSERVAL_TESTS=ON > /dev/null
NINJA_STATUS='[%f/%t] ' cmake --build "build/$preset"
[ "$preset" != release ] || bin/build.sh
# At least two at a time: most tests wait for a peer. What must be alone says so itself.
jobs=$(nproc)
case " $* " in
  *" -L soak "*) ;;
  *) exec ctest --test-dir "build/$preset" --output-on-failure -j $((jobs < 2 ? 2 : jobs)) "$@" ;;
esac
failed=0
ctest --test-dir "build/$preset" -C soak --output-on-failure -j $((12 * jobs)) \
  --test-output-size-passed 1000000 --test-output-size-failed 1000000 "$@" || failed=$?
tests/support/soak_table.sh "build/$preset/Testing/Temporary/LastTest.log"
exit "$failed"
