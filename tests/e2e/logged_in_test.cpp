#include "tests/e2e/logged_in.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(TwoServalNodes, LoggedIn, ::testing::Values(Pair{}), pair_name);

}  // namespace serval::test
