// tests/support/seed.h
#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace serval::testing {

/// The seed of a test with random values: SERVAL_SEED, or another one each time. Say it when the
/// test fails: SCOPED_TRACE(seed_hint(seed)).
inline std::uint64_t test_seed() {
  const char* given = std::getenv("SERVAL_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

inline std::string seed_hint(std::uint64_t seed) {
  return "to repeat it: SERVAL_SEED=" + std::to_string(seed);
}

}  // namespace serval::testing
