// The How-To's story with a real Tomcat in either role.
#include "tests/e2e/steps.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(WithTomcat, Steps,
                         ::testing::Values(Pair{Kind::kServal, Kind::kTomcat9},
                                           Pair{Kind::kTomcat9, Kind::kServal},
                                           Pair{Kind::kServal, Kind::kTomcat10},
                                           Pair{Kind::kTomcat10, Kind::kServal}),
                         pair_name);
INSTANTIATE_TEST_SUITE_P(WithTomcatAndBackupManager, Steps,
                         ::testing::Values(Pair{Kind::kServal, Kind::kTomcat9, "backup"},
                                           Pair{Kind::kTomcat9, Kind::kServal, "backup"},
                                           Pair{Kind::kServal, Kind::kTomcat10, "backup"},
                                           Pair{Kind::kTomcat10, Kind::kServal, "backup"}),
                         pair_name);

}  // namespace serval::test
