// A node of the channel bench: a Serval channel. usage: channel_serval PORT GROUP_PORT
// OTHER_PORT...
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <semaphore>

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

std::uint64_t send_in_window(Channel& channel, const Members& to, const serval::bench::Run& run,
                             const std::shared_ptr<const Bytes>& content) {
  static std::counting_semaphore<kWindow> window(kWindow);  // callbacks may still be leaving it
  std::uint64_t count = 0;
  for (const auto end = run.end(); std::chrono::steady_clock::now() < end; ++count) {
    window.acquire();
    const auto sent = channel.send(to, content, run.options | option::kByteMessage, 0,
                                   [](const SendReport& report) {
                                     must_have_sent(report);
                                     window.release();
                                   });
    if (!sent) fail(sent.error().message);
  }
  for (int i = 0; i < kWindow; ++i) window.acquire();
  window.release(kWindow);
  return count;
}

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
                  : send_in_window(*channel, to, run, content);
  };
  serval::bench::serve(send, counter.count, [&] { return channel->members().size(); });
  channel->stop(level::kAll);
  channel->remove_channel_listener(&counter);
}
