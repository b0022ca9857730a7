// Any bytes as a DeltaRequest; what was read is written and read again with as many actions.
#include <cstdlib>

#include "cluster/ha/session/delta_request.h"
#include "container/session/serializable_principal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace serval::ha;
  using serval::core::SerializablePrincipal;
  const auto request = DeltaRequest::decode({data, size});
  if (!request) return 0;
  std::size_t left_out = 0;
  const auto bytes = request->encode([&](const DeltaAction&, const serval::Error&) { ++left_out; });
  if (!bytes) std::abort();
  const auto again = DeltaRequest::decode(*bytes);
  if (!again || again->actions().size() + left_out != request->actions().size()) std::abort();
  for (const auto& action : request->actions()) {
    if (const auto principal = SerializablePrincipal::from_value(action.value)) {
      const auto value = principal->to_value(SerializablePrincipal::Form::kTomcat9);
      if (!SerializablePrincipal::from_value(value)) std::abort();
    }
  }
  return 0;
}
