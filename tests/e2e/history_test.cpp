// Differential histories: what three nodes show against what a model says they should.
#include "tests/e2e/history/history.h"

#include <algorithm>
#include <sstream>

#include "tests/e2e/pairs.h"
#include "tests/support/cluster_test.h"
#include "tests/support/seed.h"

namespace serval::test {
namespace {

/// SERVAL_HISTORY="tomcat9 tomcat9 tomcat10 delta": these nodes and no others, by which one finds
/// out what real Tomcats do.
std::vector<Mix> given_mix(const std::string& words) {
  Mix mix;
  std::istringstream in(words);
  for (std::string word; in >> word;) {
    if (word == "delta" || word == "backup") {
      mix.manager = word;
    } else {
      mix.kinds.push_back(word == "tomcat9"    ? Kind::kTomcat9
                          : word == "tomcat10" ? Kind::kTomcat10
                                               : Kind::kServal);
    }
  }
  return {mix};
}

/// More than what every test run tells.
bool is_thorough() {
  return std::getenv("SERVAL_SEED") != nullptr || std::getenv("SERVAL_SEEDS") != nullptr;
}

std::vector<Mix> mixes() {
  if (const char* const given = std::getenv("SERVAL_HISTORY")) return given_mix(given);
#ifdef SERVAL_WITH_TOMCAT
  std::vector<Mix> all{{{Kind::kServal, Kind::kTomcat9, Kind::kTomcat10}, "delta"},
                       {{Kind::kTomcat10, Kind::kServal, Kind::kServal}, "backup"}};
  if (is_thorough()) {
    all.push_back({{Kind::kServal, Kind::kTomcat9, Kind::kServal}, "backup"});
    all.push_back({{Kind::kServal, Kind::kTomcat9, Kind::kTomcat10}, "backup"});
  }
  return all;
#else
  return {{{Kind::kServal, Kind::kServal, Kind::kServal}, "delta"},
          {{Kind::kServal, Kind::kServal, Kind::kServal}, "backup"}};
#endif
}

}  // namespace

class Histories : public ClusterTest, public ::testing::WithParamInterface<Mix> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.manager = GetParam().manager;
    if (is_bridged()) defaults.manager_attributes = R"(rpcTimeout="3000")";
    for (const Kind kind : GetParam().kinds) nodes.add(add(kind));
    for (std::size_t place = 0; place < nodes.size(); ++place) nodes.start(place);
    ASSERT_TRUE(nodes.settle());
  }
  /// BackupManager of Tomcats of two generations: what they have in common goes through Serval.
  bool is_bridged() const {
    const auto has = [](Kind kind) { return std::ranges::count(GetParam().kinds, kind) > 0; };
    return GetParam().manager == "backup" && has(Kind::kTomcat9) && has(Kind::kTomcat10);
  }
  bool has_tomcat() const {
    return std::ranges::any_of(GetParam().kinds, [](Kind one) { return one != Kind::kServal; });
  }
  NodeGroup nodes;
};

TEST_P(Histories, EveryNodeShowsWhatTheModelSays) {
  History::Rules rules;
  rules.is_bridged = is_bridged();
  rules.nodes_change = !has_tomcat() || is_thorough();  // Tomcats start slowly
  if (is_bridged()) rules.must_run = {0};
  std::size_t told = 0;
  serval::testing::for_seeds(4, [&](std::uint64_t seed) {
    History history(nodes, rules, seed);
    const std::string difference = history.run();
    ASSERT_EQ(difference, "") << history.trace();
    ++told;
  });
  fmt::print("{} histories without a difference\n", told);
}

INSTANTIATE_TEST_SUITE_P(, Histories, ::testing::ValuesIn(mixes()),
                         [](const auto& one) { return ::testing::PrintToString(one.param); });

}  // namespace serval::test
