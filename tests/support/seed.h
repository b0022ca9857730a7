// tests/support/seed.h
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace serval::testing {

/// A number of the environment, by which whoever starts the tests makes them longer.
inline std::uint64_t environment_number(const char* name, std::uint64_t otherwise) {
  const char* const given = std::getenv(name);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

/// The seed of a test with random values: SERVAL_SEED, or another one each time. Say it when the
/// test fails: SCOPED_TRACE(seed_hint(seed)).
inline std::uint64_t test_seed() {
  return environment_number("SERVAL_SEED", std::random_device()());
}

inline std::string seed_hint(std::uint64_t seed) {
  return "to repeat it: SERVAL_SEED=" + std::to_string(seed);
}

/// Tells `story(seed)` for the seeds SERVAL_FIRST_SEED (else 1) to SERVAL_SEEDS (else `usual`), or
/// for SERVAL_SEED alone, until one fails, and says which. Every ten seconds it says where it is.
template <class Story>
void for_seeds(std::uint64_t usual, Story&& story) {
  const std::uint64_t only = environment_number("SERVAL_SEED", 0);
  const std::uint64_t first = only != 0 ? only : environment_number("SERVAL_FIRST_SEED", 1);
  const std::uint64_t last = only != 0 ? only : environment_number("SERVAL_SEEDS", usual);
  auto said = std::chrono::steady_clock::now();
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(seed_hint(seed));
    story(seed);
    if (::testing::Test::HasFatalFailure()) return;
    if (const auto now = std::chrono::steady_clock::now(); now - said > std::chrono::seconds(10)) {
      fmt::print(stderr, "  seed {} of {}\n", seed, last);
      said = now;
    }
  }
}

}  // namespace serval::testing
