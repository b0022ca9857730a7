// container/base/secure_random.h
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "container/base/attribute.h"
#include "container/base/optional_text.h"

namespace serval {

/// Which generator of a JVM random ids would come from. Kept and shown: here they come from the
/// system's.
struct SecureRandomOptions {
  std::string secure_random_algorithm = "SHA1PRNG";
  std::optional<std::string> secure_random_class, secure_random_provider;
};

/// Their rows behind others. Requires: Options derives from SecureRandomOptions.
template <class Options>
std::vector<Attribute<Options>> with_secure_random(std::vector<Attribute<Options>> rows) {
  using Base = SecureRandomOptions;
  rows.push_back(attribute<Options>("secureRandomAlgorithm", &Base::secure_random_algorithm,
                                    "no meaning here: ids come from the system's generator"));
  rows.push_back(optional_text<Options>("secureRandomClass", &Base::secure_random_class,
                                        "no meaning here: as secureRandomAlgorithm"));
  rows.push_back(optional_text<Options>("secureRandomProvider", &Base::secure_random_provider,
                                        "no meaning here: as secureRandomAlgorithm"));
  return rows;
}

}  // namespace serval
