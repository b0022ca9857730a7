#pragma once
#include <span>

#include "cluster/tribes/absolute_order.h"
#include "cluster/tribes/channel.h"
#include "container/base/attribute.h"

namespace serval::tribes {

/// What both coordinators are told. memberOrder is Serval's own attribute.
struct CoordinatorOptions {
  MemberOrder member_order = MemberOrder::kSigned;
  Options option_flag = 0;
};
std::span<const Attribute<CoordinatorOptions>> coordinator_attributes();

}  // namespace serval::tribes
