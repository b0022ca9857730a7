#include "cluster/tribes/interceptors/send_join.h"

#include <algorithm>

namespace serval::tribes {

class SendJoin::State {
 public:
  explicit State(SendDone done) : done_(std::move(done)) {}

  void begin() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  void end(const SendReport& report) {
    {
      const std::lock_guard lock(mutex_);
      for (const FaultyMember& faulty : report.faulty) add(faulty);
      if (--open_ > 0) return;
    }
    if (done_) done_(report_);
  }

 private:
  void add(const FaultyMember& faulty) {
    const bool known = std::ranges::any_of(
        report_.faulty, [&](const FaultyMember& one) { return *one.member == *faulty.member; });
    if (!known) report_.faulty.push_back(faulty);
  }
  const SendDone done_;
  std::mutex mutex_;
  int open_ = 1;
  SendReport report_;
};

SendJoin::SendJoin(SendDone done) : state_(std::make_shared<State>(std::move(done))) {}
SendJoin::~SendJoin() { state_->end({}); }

void SendJoin::send(const Members& to, ChannelMessage part, Below below) {
  state_->begin();
  part.watch = nullptr;  // its end is not the message's
  part.done = [state = state_](const SendReport& report) { state->end(report); };
  const auto sent = below.send(to, std::move(part));
  if (sent) return;
  SendReport refused;
  for (const MemberPtr& member : to) {
    refused.faulty.push_back({member, sent.error().message, false});
  }
  state_->end(refused);
}

}  // namespace serval::tribes
