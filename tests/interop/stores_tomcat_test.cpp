// stores.cpp with a Serval node and a real Tomcat, in either place.
#include "tests/e2e/stores.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(WithTomcat, StorePair,
                         ::testing::Values(Pair{Kind::kServal, Kind::kTomcat9},
                                           Pair{Kind::kTomcat9, Kind::kServal},
                                           Pair{Kind::kServal, Kind::kTomcat10},
                                           Pair{Kind::kTomcat10, Kind::kServal}),
                         pair_name);

}  // namespace serval::test
