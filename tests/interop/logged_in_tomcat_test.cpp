// Users who have logged in, with a real Tomcat in either role.
#include "tests/e2e/logged_in.h"

namespace serval::test {

INSTANTIATE_TEST_SUITE_P(WithTomcat, LoggedIn,
                         ::testing::Values(Pair{Kind::kServal, Kind::kTomcat9},
                                           Pair{Kind::kTomcat9, Kind::kServal},
                                           Pair{Kind::kServal, Kind::kTomcat10},
                                           Pair{Kind::kTomcat10, Kind::kServal}),
                         pair_name);

}  // namespace serval::test
