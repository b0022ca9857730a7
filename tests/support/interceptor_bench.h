// tests/support/interceptor_bench.h
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cluster/tribes/group/interceptor_stack.h"
#include "tests/support/manual_clock.h"

namespace serval::tribes {

/// One interceptor between a fake channel and a fake network, in one thread.
class InterceptorBench : public ChannelServices {
 public:
  explicit InterceptorBench(std::unique_ptr<Interceptor> interceptor) : stack_(top_, bottom_) {
    stack_.add(std::move(interceptor), *this);
  }

  struct Top final : InterceptorStack::Top {
    Result<> receive(ChannelMessage message) override {
      received.push_back(std::move(message));
      return {};
    }
    void member_added(const MemberPtr& member) override {
      events.push_back("+" + std::to_string(member->id[0]));
    }
    void member_disappeared(const MemberPtr& member) override {
      events.push_back("-" + std::to_string(member->id[0]));
    }
    std::vector<ChannelMessage> received;
    std::vector<std::string> events;
  };
  struct Bottom final : InterceptorStack::Bottom {
    Result<> send(const Members& to, ChannelMessage message) override {
      if (refuse) return Error{Errc::kBadState, "refused"};
      destinations.push_back(to);
      sent.push_back(std::move(message));
      if (sends_at_once && sent.back().done) sent.back().done({});
      return {};
    }
    Members members() const override { return known; }
    MemberPtr local_member() const override { return local; }
    void heartbeat() override { ++heartbeats; }
    bool refuse = false, sends_at_once = false;
    std::vector<ChannelMessage> sent;
    std::vector<Members> destinations;  // of each
    Members known;
    MemberPtr local = member(100, 4999);
    int heartbeats = 0;
  };

  // ChannelServices
  MemberPtr local_member() const override { return stack_.local_member(); }
  Members members() const override { return stack_.members(); }
  void repeat(std::chrono::milliseconds interval, std::function<void()> work) override {
    repeated.emplace_back(interval, std::move(work));
  }
  void run_later(std::function<void()> work) override { later.push_back(std::move(work)); }
  const Clock& clock() const override { return time; }
  void provoke_answer(const MemberPtr& member) override {
    provoked.push_back(member);
    if (on_provoke) on_provoke(member);
  }
  void run_posted() {
    while (!later.empty()) {
      const auto work = std::move(later.front());
      later.pop_front();
      work();
    }
  }

  InterceptorStack& stack() { return stack_; }
  Top& top() { return top_; }
  Bottom& bottom() { return bottom_; }

  static MemberPtr member(std::uint8_t id, int port = 4000, std::int64_t alive = 1000) {
    auto m = std::make_shared<Member>();
    m->host = {127, 0, 0, 1};
    m->port = port;
    m->id.fill(id);
    m->alive_ms = alive;
    return m;
  }
  static ChannelMessage message(Options options, Bytes content = {1, 2, 3}) {
    ChannelMessage m;
    m.options = options;
    m.address = member(99);
    m.content = std::make_shared<const Bytes>(std::move(content));
    return m;
  }

  test::ManualClock time;
  std::vector<std::pair<std::chrono::milliseconds, std::function<void()>>> repeated;
  std::deque<std::function<void()>> later;
  Members provoked;
  std::function<void(const MemberPtr&)> on_provoke;

 private:
  Top top_;
  Bottom bottom_;
  mutable InterceptorStack stack_;
};

}  // namespace serval::tribes
