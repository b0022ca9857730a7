#include "cluster/tribes/absolute_order.h"

namespace serval::tribes {

Result<> parse_into(std::string_view text, MemberOrder& order) {
  if (text != "signed" && text != "unsigned") {
    return Error{Errc::kInvalidArgument, "must be signed or unsigned"};
  }
  order = text == "signed" ? MemberOrder::kSigned : MemberOrder::kUnsigned;
  return {};
}

}  // namespace serval::tribes
