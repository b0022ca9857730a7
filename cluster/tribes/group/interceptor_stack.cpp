#include "cluster/tribes/group/interceptor_stack.h"

#include <fmt/format.h>

namespace serval::tribes {
namespace {
/// The coordinator sends with these, so no interceptor may claim them.
constexpr Options kCoordinatorFlag =
    option::kByteMessage | option::kUseAck | option::kSynchronizedAck;
}  // namespace

Result<> Below::send(const Members& to, ChannelMessage message) const {
  const auto& all = stack_->interceptors_;
  if (next_ == all.size()) return stack_->bottom_.send(to, std::move(message));
  return all[next_]->send(to, std::move(message), Below(*stack_, next_ + 1));
}

Members Below::members() const {
  const auto& all = stack_->interceptors_;
  if (next_ == all.size()) return stack_->bottom_.members();
  return all[next_]->members(Below(*stack_, next_ + 1));
}

MemberPtr Below::local_member() const {
  const auto& all = stack_->interceptors_;
  if (next_ == all.size()) return stack_->bottom_.local_member();
  return all[next_]->local_member(Below(*stack_, next_ + 1));
}

void Below::check_members() const {
  const auto& all = stack_->interceptors_;
  if (next_ == all.size()) return;  // nobody down there can tell more
  all[next_]->check_members(Below(*stack_, next_ + 1));
}

void Below::heartbeat() const {
  const auto& all = stack_->interceptors_;
  if (next_ == all.size()) return stack_->bottom_.heartbeat();
  all[next_]->heartbeat(Below(*stack_, next_ + 1));
}

Result<> Above::receive(ChannelMessage message) const {
  if (count_ == 0) return stack_->top_.receive(std::move(message));
  return stack_->interceptors_[count_ - 1]->receive(std::move(message), Above(*stack_, count_ - 1));
}

void Above::member_added(const MemberPtr& member) const {
  if (count_ == 0) return stack_->top_.member_added(member);
  stack_->interceptors_[count_ - 1]->member_added(member, Above(*stack_, count_ - 1));
}

void Above::member_disappeared(const MemberPtr& member) const {
  if (count_ == 0) return stack_->top_.member_disappeared(member);
  stack_->interceptors_[count_ - 1]->member_disappeared(member, Above(*stack_, count_ - 1));
}

void Above::send_failed(const FaultyMember& faulty) const {
  if (count_ == 0) return;
  stack_->interceptors_[count_ - 1]->send_failed(faulty, Above(*stack_, count_ - 1));
}

void InterceptorStack::add(std::unique_ptr<Interceptor> interceptor, ChannelServices& services) {
  const std::size_t index = interceptors_.size();
  interceptor->attach(Below(*this, index + 1), Above(*this, index), services);
  interceptors_.push_back(std::move(interceptor));
}

Interceptor* InterceptorStack::find(std::string_view simple_name) const {
  for (const auto& one : interceptors_) {
    if (one->simple_name() == simple_name) return one.get();
  }
  return nullptr;
}

Result<> InterceptorStack::check_options() const {
  struct Flag {
    std::string_view name;
    Options value;
  };
  std::vector<Flag> flags{{"ChannelCoordinator", kCoordinatorFlag}};
  for (const auto& one : interceptors_) flags.push_back({one->simple_name(), one->option_flag()});
  for (std::size_t i = 0; i < flags.size(); ++i) {
    for (std::size_t k = i + 1; k < flags.size(); ++k) {
      const Options common = flags[i].value & flags[k].value;
      if (flags[i].value == 0 || flags[k].value == 0) continue;
      if (common != flags[i].value && common != flags[k].value) continue;
      return Error{Errc::kInvalidArgument,
                   fmt::format("Interceptor option flag conflict: [{}] ({}) and [{}] ({})",
                               flags[i].name, flags[i].value, flags[k].name, flags[k].value)};
    }
  }
  return {};
}

Result<> InterceptorStack::check_places() const {
  Neighbours around;
  for (const auto& one : interceptors_) around.below.push_back(one->simple_name());
  for (const auto& one : interceptors_) {
    around.below.erase(around.below.begin());
    if (auto well = one->check_place(around); !well) return well;
    around.above.push_back(one->simple_name());
  }
  return {};
}

int InterceptorStack::levels(int levels) const {
  if (levels == 0) return 0;
  for (const auto& interceptor : interceptors_) levels = interceptor->levels(levels);
  return levels;
}

Result<> InterceptorStack::start(int levels) {
  for (const auto& interceptor : interceptors_) {
    if (auto done = interceptor->start(levels); !done) return done;
  }
  return {};
}

void InterceptorStack::stop(int levels) {
  for (const auto& interceptor : interceptors_) interceptor->stop(levels);
}

void InterceptorStack::started(int levels) {
  for (const auto& interceptor : interceptors_) interceptor->started(levels);
}

void InterceptorStack::stopping(int levels) {
  for (const auto& interceptor : interceptors_) interceptor->stopping(levels);
}

}  // namespace serval::tribes
