// tests/e2e/steps.h
#pragma once
#include <ostream>

#include "tests/support/cluster_test.h"

namespace serval::test {

/// The two nodes of a story, A, then B, and their manager.
struct Pair {
  Kind a = Kind::kServal, b = Kind::kServal;
  std::string manager = "delta";
  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << name_of(pair.a) << "_" << name_of(pair.b)
               << (pair.manager == "backup" ? "_Backup" : "");
  }
};

/// The tests of tests/e2e/steps.cpp run for every pair that a program instantiates:
/// rows 82, 84, 90, 94, 98, 100 to 102 of the feature table; with BackupManager all of them show
/// row 7 too.
class Steps : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.manager = GetParam().manager;
  }
  Node& start_a() { return start(GetParam().a); }
  Node& start_b() { return start(GetParam().b); }
};

inline std::string pair_name(const ::testing::TestParamInfo<Pair>& info) {
  return ::testing::PrintToString(info.param);
}

}  // namespace serval::test
