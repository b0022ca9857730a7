// tests/e2e/stores.h
#pragma once
#include "tests/e2e/steps.h"

namespace serval::test {

/// Two nodes without a cluster, whose sessions go through files.
class StorePair : public ClusterTest, public ::testing::WithParamInterface<Pair> {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.cluster_xml = " ";
  }
  Kind first() const { return GetParam().a; }
  Kind second() const { return GetParam().b; }
  /// Where a StandardManager of /demo leaves its sessions.
  static std::filesystem::path sessions_file(const Node& node) {
    return node.base() / "work/Catalina/localhost/demo/SESSIONS.ser";
  }
};

}  // namespace serval::test
