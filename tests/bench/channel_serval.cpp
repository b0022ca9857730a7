// A node of the channel bench: a Serval channel. usage: channel_serval PORT GROUP_PORT
// OTHER_PORT...
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <latch>
#include <memory>

#include "container/base/log.h"
#include "tests/bench/channel_node.h"
#include "tests/support/element_channel.h"

namespace {

using namespace serval::tribes;
using serval::bench::kWindow;

class Counter final : public ChannelListener {
 public:
  bool accept(const Received&) override { return true; }
  serval::Result<> message_received(const Received&) override {
    count.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  std::atomic<std::uint64_t> count{0};
};

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "channel_serval: {}\n", why);
  std::exit(1);
}

void must_have_sent(const SendReport& report) {
  for (const FaultyMember& faulty : report.faulty) fail(faulty.cause);
}

/// Asynchronous messages: the channel makes the sender wait when its queue is full.
std::uint64_t send_queued(Channel& channel, const Members& to, const serval::bench::Run& run,
                          const std::shared_ptr<const Bytes>& content) {
  std::uint64_t count = 0;
  for (const auto end = run.end(); std::chrono::steady_clock::now() < end; ++count) {
    const auto report = channel.send_and_wait(to, content, run.options | option::kByteMessage);
    if (!report) fail(report.error().message);
    must_have_sent(*report);
  }
  return count;
}

/// Messages with an ACK: the end of one is the beginning of the next.
class Window {
 public:
  Window(Channel& channel, const Members& to, const serval::bench::Run& run,
         std::shared_ptr<const Bytes> content)
      : channel_(channel),
        to_(to),
        options_(run.options | option::kByteMessage),
        end_(run.end()),
        content_(std::move(content)) {}

  std::uint64_t send() {
    for (int i = 0; i < kWindow; ++i) next();
    ended_.wait();
    return count_;
  }

 private:
  void next() {
    if (std::chrono::steady_clock::now() >= end_) return ended_.count_down();
    count_.fetch_add(1, std::memory_order_relaxed);
    const auto sent = channel_.send(to_, content_, options_, 0, [this](const SendReport& report) {
      must_have_sent(report);
      next();
    });
    if (!sent) fail(sent.error().message);
  }

  Channel& channel_;
  const Members& to_;
  const serval::tribes::Options options_;
  const std::chrono::steady_clock::time_point end_;
  const std::shared_ptr<const Bytes> content_;
  std::atomic<std::uint64_t> count_{0};
  std::latch ended_{kWindow};
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) fail("usage: channel_serval PORT GROUP_PORT OTHER_PORT...");
  std::string problems;
  const auto channel =
      channel_of(std::atoi(arguments[2]),
                 {"MessageDispatchInterceptor maxQueueSize=8388608", "TcpFailureDetector"},
                 problems, "frequency=500 dropTime=60000", std::atoi(arguments[1]));
  if (!channel) fail(problems);
  Counter counter;
  channel->add_channel_listener(&counter);
  if (const auto started = channel->start(level::kAll); !started) fail(started.error().message);
  const auto send = [&](const serval::bench::Run& run) {
    Members to = channel->members();
    std::ranges::sort(to, {}, &Member::port);
    to.resize(std::min(to.size(), run.receivers));
    const auto content = std::make_shared<const Bytes>(run.size, 'x');
    const bool queued = (run.options & option::kAsynchronous) != 0;
    return queued ? send_queued(*channel, to, run, content)
                  : Window(*channel, to, run, content).send();
  };
  serval::bench::serve(send, counter.count, [&] { return channel->members().size(); });
  channel->stop(level::kAll);
  channel->remove_channel_listener(&counter);
}
