// stores.cpp with two Serval nodes.
#include "tests/e2e/stores.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(Serval, StorePair, ::testing::Values(Pair{}), pair_name);

}  // namespace serval::test
