#include "cluster/ha/request_gates.h"

#include <utility>

#include "container/core/response.h"

namespace serval::ha {

namespace {
thread_local core::Response* current = nullptr;
}

RequestGates::RequestGates(core::Response& response) : outer_(std::exchange(current, &response)) {}
RequestGates::~RequestGates() { current = outer_; }

bool RequestGates::is_open() { return current != nullptr; }

std::shared_ptr<Completion> RequestGates::add() {
  if (!current) return nullptr;
  auto gate = std::make_shared<Completion>();
  current->add_gate(gate);
  return gate;
}

}  // namespace serval::ha
