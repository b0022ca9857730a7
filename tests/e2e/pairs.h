// tests/e2e/pairs.h
#pragma once
#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

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

/// The pairs that the tests of this program run for: two Serval nodes; in a program with real
/// Tomcats (SERVAL_WITH_TOMCAT, tests/interop) a Serval node and one of either generation, in
/// either place.
inline std::vector<Pair> pairs(const std::string& manager = "delta") {
#ifdef SERVAL_WITH_TOMCAT
  return {{Kind::kServal, Kind::kTomcat9, manager},
          {Kind::kTomcat9, Kind::kServal, manager},
          {Kind::kServal, Kind::kTomcat10, manager},
          {Kind::kTomcat10, Kind::kServal, manager}};
#else
  return {{Kind::kServal, Kind::kServal, manager}};
#endif
}

/// Whether tests run for all mixes of nodes that they are written for: in a soak run.
inline bool all_mixes() { return std::getenv("SERVAL_ALL_PAIRS") != nullptr; }

/// The same with each kind of server once, for tests of which there are many, in other places for
/// another manager; all of them in a soak run.
inline std::vector<Pair> few_pairs(const std::string& manager = "delta") {
  auto all = pairs(manager);
  if (all.size() <= 2 || all_mixes()) return all;
  if (manager == "backup") return {all[1], all[2]};
  return {all[0], all[3]};
}

/// The nodes of a story, in their order, their manager and its channelSendOptions.
struct Mix {
  std::vector<Kind> kinds;
  std::string manager;
  std::string options = {};
  friend std::ostream& operator<<(std::ostream& out, const Mix& mix) {
    for (const Kind kind : mix.kinds) out << name_of(kind) << "_";
    return out << mix.manager << mix.options;
  }
};

/// Its manager and options; the map of a BackupManager has options of its own.
inline void use_manager_of(const Mix& mix, NodeOptions& options) {
  options.manager = mix.manager;
  options.send_options = mix.options;
  if (mix.manager == "backup") {
    options.manager_attributes = "mapSendOptions=\"" + mix.options + "\"";
  }
}

inline std::string pair_name(const ::testing::TestParamInfo<Pair>& info) {
  return ::testing::PrintToString(info.param);
}

}  // namespace serval::test
