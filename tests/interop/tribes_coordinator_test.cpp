// Coordinators in one group: two channels of ours, a Tomcat 9 and a Tomcat 10. Which of them stands
// first, and so coordinates, is decided by the ports.
#include <map>

#include "cluster/tribes/group/group_channel.h"
#include "cluster/tribes/interceptors/non_blocking_coordinator.h"
#include "cluster/tribes/interceptors/simple_coordinator.h"
#include "tests/interop/tribes_pair.h"
#include "tests/support/vector_file.h"

namespace serval::tribes {
namespace {

using serval::testing::to_hex;
constexpr std::chrono::seconds kLongPatience{90};

std::string member_text(const MemberPtr& member) {
  return member ? std::to_string(member->port) + "/" + to_hex(member->id) : "null";
}

std::string members_text(const Members& members) {
  std::string text;
  for (const MemberPtr& member : members) text += (text.empty() ? "" : " ") + member_text(member);
  return text;
}

/// What a node says about the group.
struct Opinion {
  std::string coordinator, view, view_id;
  bool operator==(const Opinion&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Opinion& one) {
    return out << one.coordinator << " of [" << one.view << "] " << one.view_id;
  }
};

class CoordinatorGroup : public ::testing::Test {
 protected:
  enum Name { kOurs, kOtherOurs, kTomcat9, kTomcat10 };

  CoordinatorGroup() {
    std::vector<int> ports;
    while (ports.size() < 4) {
      const int port = serval::test::free_tcp_port();
      if (std::ranges::count(ports, port) == 0) ports.push_back(port);
    }
    std::ranges::sort(ports);
    spare_ = ports;
  }
  /// Ports rise in this order.
  void in_order(const std::vector<Name>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) ports_[names[i]] = spare_[i];
  }
  void start(Name name) {
    if (name == kTomcat9 || name == kTomcat10) {
      peers_[name] = std::make_unique<ChannelPeer>(ChannelPeer::Options{
          name == kTomcat9 ? Kind::kTomcat9 : Kind::kTomcat10, group_, ports_.at(name), stack_,
          {"--channel", "heartbeatSleeptime=500"}});
      return;
    }
    ours_[name] = std::make_unique<OurChannel>(group_, stack_, "", ports_.at(name));
    ASSERT_FALSE(HasFailure());
    // All levels start, whatever is asked for.
    const bool is_simple = stack_.front() == "SimpleCoordinator";
    const auto started =
        ours_[name]->channel().start(is_simple ? level::kAll : level::kReceiver | level::kSender);
    ASSERT_TRUE(started) << started.error().message;
  }
  void start_all() {
    for (const Name name : {kTomcat9, kTomcat10, kOurs, kOtherOurs}) {
      ASSERT_NO_FATAL_FAILURE(start(name));
    }
    ASSERT_TRUE(peers_[kTomcat9]->ready());
    ASSERT_TRUE(peers_[kTomcat10]->ready());
  }
  void kill(Name name) {
    peers_.at(name)->kill();
    peers_.erase(name);
  }
  void stop(Name name) { ours_.erase(name); }

  template <class Coordinator>
  Coordinator& coordinator_of(OurChannel& channel, std::string_view name) {
    auto* const group = dynamic_cast<GroupChannel*>(&channel.channel());
    return dynamic_cast<Coordinator&>(*group->interceptor(name));
  }
  Opinion opinion_of(OurChannel& channel) {
    if (stack_.front() == "SimpleCoordinator") {
      auto& one = coordinator_of<SimpleCoordinator>(channel, stack_.front());
      return {member_text(one.coordinator()), members_text(one.view()), ""};
    }
    auto& one = coordinator_of<NonBlockingCoordinator>(channel, stack_.front());
    const auto id = one.view_id();
    return {member_text(one.coordinator()), members_text(one.view()), id ? to_hex(*id) : "null"};
  }
  Opinion opinion_of(ChannelPeer& peer) {
    const auto ask = [&](const char* what) { return peer.ask(std::string("property 0 ") + what).text; };
    const bool has_id = stack_.front() != "SimpleCoordinator";
    return {ask("Coordinator"), ask("View"), has_id ? ask("ViewId") : ""};
  }
  std::map<Name, Opinion> opinions() {
    std::map<Name, Opinion> all;
    for (const auto& [name, channel] : ours_) all[name] = opinion_of(*channel);
    for (const auto& [name, peer] : peers_) all[name] = opinion_of(*peer);
    return all;
  }
  /// All that run, and nobody else, in the order of their ports.
  std::vector<int> running() const {
    std::vector<int> ports;
    for (const auto& [name, channel] : ours_) ports.push_back(ports_.at(name));
    for (const auto& [name, peer] : peers_) ports.push_back(ports_.at(name));
    std::ranges::sort(ports);
    return ports;
  }
  bool agree() {
    const auto all = opinions();
    const Opinion& first = all.begin()->second;
    std::vector<int> ports;
    std::istringstream view(first.view);
    for (std::string one; view >> one;) ports.push_back(std::stoi(one));
    return ports == running() && first.coordinator == first.view.substr(0, first.view.find(' ')) &&
           first.view_id != "null" &&
           std::ranges::all_of(all, [&](const auto& one) { return one.second == first; });
  }
  void expect_agreement(const char* when) {
    if (eventually([&] { return agree(); }, kLongPatience)) return;
    std::string logs;
    for (const auto& [name, peer] : peers_) logs += peer->log_tail();
    std::ostringstream said;
    for (const auto& [name, opinion] : opinions()) said << ports_[name] << ": " << opinion << "\n";
    FAIL() << when << " the nodes do not agree\n" << said.str() << logs;
  }

  std::vector<std::string> stack_{"NonBlockingCoordinator", "TcpFailureDetector",
                                  "MessageDispatchInterceptor"};
  std::map<Name, int> ports_;
  std::map<Name, std::unique_ptr<ChannelPeer>> peers_;
  std::map<Name, std::unique_ptr<OurChannel>> ours_;

 private:
  const int group_ = serval::test::free_udp_port();
  std::vector<int> spare_;
};

TEST_F(CoordinatorGroup, OursCoordinatesAndIsReplacedAndComesBack) {
  in_order({kOurs, kTomcat9, kTomcat10, kOtherOurs});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("in the beginning"));
  stop(kOurs);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when the coordinator has left"));
  ASSERT_NO_FATAL_FAILURE(start(kOurs));
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when it is back"));
  EXPECT_TRUE(coordinator_of<NonBlockingCoordinator>(*ours_[kOurs], stack_.front()).is_coordinator());
}

TEST_F(CoordinatorGroup, ATomcat9ThatCoordinatesIsKilledAndRestarted) {
  in_order({kTomcat9, kOurs, kTomcat10, kOtherOurs});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("in the beginning"));
  kill(kTomcat9);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when the coordinator is dead"));
  ASSERT_NO_FATAL_FAILURE(start(kTomcat9));
  ASSERT_TRUE(peers_[kTomcat9]->ready());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when it is back"));
}

TEST_F(CoordinatorGroup, ATomcat10ThatCoordinatesIsKilledAndRestarted) {
  in_order({kTomcat10, kTomcat9, kOurs, kOtherOurs});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("in the beginning"));
  kill(kTomcat10);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when the coordinator is dead"));
  ASSERT_NO_FATAL_FAILURE(start(kTomcat10));
  ASSERT_TRUE(peers_[kTomcat10]->ready());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when it is back"));
}

TEST_F(CoordinatorGroup, OneAfterTheOtherGoesAndComes) {
  in_order({kTomcat9, kOurs, kOtherOurs, kTomcat10});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("in the beginning"));
  kill(kTomcat10);
  stop(kOtherOurs);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when two are gone"));
  kill(kTomcat9);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when ours is alone"));
  ASSERT_NO_FATAL_FAILURE(start(kTomcat10));
  ASSERT_NO_FATAL_FAILURE(start(kTomcat9));
  ASSERT_TRUE(peers_[kTomcat10]->ready());
  ASSERT_TRUE(peers_[kTomcat9]->ready());
  ASSERT_NO_FATAL_FAILURE(start(kOtherOurs));
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when all are back"));
}

TEST_F(CoordinatorGroup, SeedRow072_BelowOtherInterceptors) {
  stack_ = {"NonBlockingCoordinator", "GzipInterceptor", "OrderInterceptor", "TcpFailureDetector",
            "MessageDispatchInterceptor"};
  in_order({kTomcat9, kOurs, kOtherOurs, kTomcat10});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("behind Gzip and Order"));
}

TEST_F(CoordinatorGroup, SimpleCoordinatorsAgreeAsFarAsTheirMemberships) {
  stack_[0] = "SimpleCoordinator";
  in_order({kTomcat9, kOurs, kOtherOurs, kTomcat10});
  ASSERT_NO_FATAL_FAILURE(start_all());
  ASSERT_NO_FATAL_FAILURE(expect_agreement("in the beginning"));
  kill(kTomcat9);
  ASSERT_NO_FATAL_FAILURE(expect_agreement("when the coordinator is dead"));
}

}  // namespace
}  // namespace serval::tribes
