#include "cluster/tribes/interceptors/simple_coordinator.h"

#include <algorithm>
#include <utility>

namespace serval::tribes {

SimpleCoordinator::SimpleCoordinator(const Options& options)
    : Interceptor(options.option_flag), options_(options) {}

void SimpleCoordinator::member_added(const MemberPtr& member, Above above) {
  above.member_added(member);
  stability_.changed();
}

void SimpleCoordinator::member_disappeared(const MemberPtr& member, Above above) {
  above.member_disappeared(member);
  stability_.changed();
}

Result<> SimpleCoordinator::start(int) {
  services().run_later([this] { stability_.changed(); });
  return {};
}

/// The looks end with the channel's last level.
void SimpleCoordinator::started(int levels) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(levels_, levels_ | levels) != 0) return;
  }
  services().repeat(kPause, [this] { look(); });
}

void SimpleCoordinator::look() {
  if (!stability_.look()) return;
  Members view = below().members();
  view.push_back(below().local_member());
  sort_absolutely(view, options_.member_order);
  {
    const std::lock_guard lock(mutex_);
    const auto equal = [](const auto& a, const auto& b) { return *a == *b; };
    if (levels_ == 0 || std::ranges::equal(view, view_, equal)) return;
    view_ = view;
  }
  if (listener_) listener_(view);
}

void SimpleCoordinator::stop(int levels) {
  const std::lock_guard lock(mutex_);
  levels_ &= ~levels;
  if (levels_ == 0) view_.clear();
}

Members SimpleCoordinator::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

MemberPtr SimpleCoordinator::coordinator() const {
  const std::lock_guard lock(mutex_);
  return view_.empty() ? nullptr : view_.front();
}

bool SimpleCoordinator::is_coordinator() const {
  const MemberPtr first = coordinator(), local = below().local_member();
  return first && local && *first == *local;
}

}  // namespace serval::tribes
