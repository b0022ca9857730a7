#include "tests/e2e/steps.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(TwoServalNodes, Steps, ::testing::Values(Pair{}), pair_name);
INSTANTIATE_TEST_SUITE_P(TwoServalNodesWithBackupManager, Steps,
                         ::testing::Values(Pair{.manager = "backup"}), pair_name);

}  // namespace serval::test
