#include "cluster/tribes/interceptors/coordinator_options.h"

#include <array>

namespace serval::tribes {

std::span<const Attribute<CoordinatorOptions>> coordinator_attributes() {
  using O = CoordinatorOptions;
  static const std::array table{
      attribute("memberOrder", &O::member_order,
                "signed, or unsigned with Tomcats from 9.0.119, 10.1.56, 11.0.23"),
      attribute("optionFlag", &O::option_flag, "without effect"),
  };
  return table;
}

}  // namespace serval::tribes
