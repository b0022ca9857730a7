// Many entries of a map, while a real Tomcat is killed, stopped, continued and started again.
#include <fmt/format.h>
#include <signal.h>

#include <set>

#include "cluster/tribes/group/rpc_message.h"
#include "tests/interop/map_pair.h"

namespace serval::tribes {
namespace {

constexpr int kEach = 500;  // entries of each node
const std::string kCount = std::to_string(kEach);

/// Parameter of the loops below: the kind of map, and what a node is called that has the value.
struct Holding {
  const char* kind;
  const char* holder;
};
constexpr Holding kKinds[] = {{"lazy", "backup"}, {"full", "copy"}};

class TribesMapFailure : public TribesMap {
 protected:
  void meet_and_fill(const char* kind) {
    meet();
    both_maps(kind);
    ask(*peer, "map-fill texts theirs " + kCount);
    for (int i = 0; i < kEach; ++i) map->put(key("ours", i), key("ours", i));
    ASSERT_EQ(count("primary", "ours"), kEach);
  }
  static std::string key(const std::string& prefix, int i) { return prefix + std::to_string(i); }

  /// How many of the keys PREFIX0 ... have this role here, with their text.
  int count(const std::string& role, const std::string& prefix, const std::string& more = "") {
    int right = 0;
    for (int i = 0; i < kEach; ++i) {
      right += map->entry(key(prefix, i)) == role + " " + key(prefix, i) + more;
    }
    return right;
  }
  void expect_here(const std::string& role, const std::string& prefix) {
    EXPECT_TRUE(eventually([&] { return count(role, prefix) == kEach; }))
        << count(role, prefix) << " of " << prefix << " are here as " << role;
  }
  void expect_there(const std::string& prefix, const std::string& more = "") {
    std::string last;
    EXPECT_TRUE(eventually([&] {
      last = ask(*peer, "map-right texts " + prefix + " " + kCount + " " + more);
      return last == kCount;
    })) << last
        << " of " << prefix << " are on the Tomcat" << peer->log_tail();
  }
  /// Runs heartbeats until the condition holds: nobody waits five seconds for the next.
  template <class Condition>
  bool eventually_with_heartbeats(Condition&& condition) {
    return eventually([&] {
      our->channel().heartbeat();
      return condition();
    });
  }
  void start_again(int port, const char* kind) {
    peer = std::make_unique<Peer>(Peer::Options{
        GetParam(), group(), port, {"TcpFailureDetector", "MessageDispatchInterceptor"}, {}});
    ASSERT_TRUE(peer->ready());
    ASSERT_TRUE(eventually([&] { return our->member(port) && peer->sees(our->port()); }));
    ask(*peer, std::string("map-start texts ") + kind + " 6");
  }
};
SERVAL_BOTH_TOMCATS(TribesMapFailure);

TEST_P(TribesMapFailure, AThousandEntriesOutliveAKilledTomcatAndGoBackToIt) {
  for (const auto& [kind, holder] : kKinds) {
    SCOPED_TRACE(kind);
    meet_and_fill(kind);
    ASSERT_FALSE(HasFatalFailure());
    expect_here(holder, "theirs");
    const int port = peer->port();
    peer->kill();
    expect_here("primary", "theirs");
    expect_here("primary", "ours");
    eventually_made_primary(*map, kEach);

    start_again(port, kind);
    ASSERT_FALSE(HasFatalFailure());
    expect_there("theirs");
    expect_there("ours");
    // It uses all of them: each comes to it as it was.
    EXPECT_EQ(ask(*peer, "map-get-right texts ours " + kCount), kCount);
    EXPECT_EQ(ask(*peer, "map-get-right texts theirs " + kCount), kCount);
    // What this node published at the same time may have crossed a few of its claims.
    const auto holders = [&] { return count(holder, "theirs") + count(holder, "ours"); };
    EXPECT_TRUE(eventually_with_heartbeats([&] {
      const int kept = 2 * kEach - holders();
      const std::string rest = kept == 0 ? "" : holder + fmt::format("={} ", kept);
      return ask(*peer, "map-roles texts") == rest + fmt::format("primary={}", holders());
    })) << ask(*peer, "map-roles texts")
        << " there, " << holders() << " of them are held here";
    map.reset();
    our.reset();
    peer.reset();
  }
}

TEST_P(TribesMapFailure, AStoppedTomcatIsTakenForLostAndTakenBack) {
  for (const auto& [kind, holder] : kKinds) {
    SCOPED_TRACE(kind);
    meet_and_fill(kind);
    ASSERT_FALSE(HasFatalFailure());
    peer->process().signal(SIGSTOP);
    // It answers no ping for longer than the access timeout.
    EXPECT_TRUE(eventually_with_heartbeats([&] { return (*map)->map_members().empty(); }));
    expect_here("primary", "theirs");
    expect_here("primary", "ours");
    for (int i = 0; i < kEach; ++i) map->append(key("theirs", i), ",x");
    ASSERT_EQ(count("primary", "theirs", ",x"), kEach);

    peer->process().signal(SIGCONT);
    EXPECT_TRUE(eventually_with_heartbeats([&] { return !(*map)->map_members().empty(); }));
    // It still took itself for the primary node of its entries, but was told.
    expect_there("theirs", ",x");
    expect_there("ours");
    const std::string wanted = holder + ("=" + std::to_string(2 * kEach));
    EXPECT_TRUE(eventually([&] { return ask(*peer, "map-roles texts") == wanted; }))
        << ask(*peer, "map-roles texts");
    EXPECT_EQ(count("primary", "theirs", ",x"), kEach);
    map.reset();
    our.reset();
    peer.reset();
  }
}

TEST_P(TribesMapFailure, ATomcatGetsTheStateOfAThousandEntries) {
  for (const auto& [kind, holder] : kKinds) {
    SCOPED_TRACE(kind);
    meet();
    our_map(kind);
    for (int i = 0; i < kEach; ++i) map->put(key("ours", i), key("ours", i));
    ask(*peer, std::string("map-start texts ") + kind + " 6");
    expect_there("ours");
    EXPECT_EQ(ask(*peer, "map-roles texts"), holder + ("=" + kCount));
    map.reset();
    our.reset();
    peer.reset();
  }
}

TEST_P(TribesMapFailure, ProxiesAreFetchedOnDemand) {
  meet();
  both_maps("lazy");
  Peer second({GetParam(), group(), 0, {"TcpFailureDetector", "MessageDispatchInterceptor"}, {}});
  ASSERT_TRUE(second.ready());
  ASSERT_TRUE(eventually([&] { return second.sees(our->port()) && second.sees(peer->port()); }));
  ask(second, "map-start texts lazy 6");
  // Each has its backups in turn on the two others.
  ask(*peer, "map-fill texts theirs " + kCount);
  EXPECT_TRUE(eventually([&] { return count("backup", "theirs") == kEach / 2; }));
  int fetched = 0;
  for (int i = 0; i < kEach; ++i) {
    if (map->entry(key("theirs", i)) != "proxy null") continue;
    EXPECT_EQ(map->get(key("theirs", i)), key("theirs", i));
    ++fetched;
  }
  EXPECT_EQ(fetched, kEach / 2);
  eventually_made_primary(*map, static_cast<std::size_t>(fetched));

  for (int i = 0; i < kEach; ++i) map->put(key("ours", i), key("ours", i));
  EXPECT_EQ(ask(second, "map-get-right texts ours " + kCount), kCount);
  EXPECT_TRUE(eventually([&] { return count("primary", "ours") == 0; }));
}

TEST_P(TribesMapFailure, PingsKeepThisNodeInTomcatsMap) {
  meet();
  both_maps("lazy");
  // Longer than accessTimeout: who does not answer is dropped by then.
  EXPECT_TRUE(serval::test::holds_for(std::chrono::seconds(7), [&] {
    ask(*peer, "heartbeat");
    return ask(*peer, "map-members texts") == our_port();
  }));
  map.reset();  // says goodbye
  EXPECT_TRUE(eventually([&] { return ask(*peer, "map-members texts") == "-"; }));
}

TEST_P(TribesMapFailure, ADifferenceTravelsInsteadOfTheValue) {
  meet();
  both_maps("lazy");
  map->put("ours", "a");
  map->append("ours", ",b");
  map->append("ours", ",c");
  eventually_has(*peer, "ours", "backup " + our_port() + " " + peer_port() + " a,b,c 0 2");
  ask(*peer, "map-put texts theirs a");
  eventually_has(*map, "theirs", "backup a");
  const auto value = map->value("theirs");
  ask(*peer, "map-append texts theirs ,b");
  ask(*peer, "map-append texts theirs ,c");
  eventually_has(*map, "theirs", "backup a,b,c");
  EXPECT_EQ(map->value("theirs"), value) << "the same object, changed";
  EXPECT_EQ(value->diffs(), 2);
}

/// Names of the messages of a map that came, also of those inside calls; no answers to calls.
std::set<std::string> heard(const OurChannel& channel) {
  std::set<std::string> names;
  for (const Received& one : channel.received()) {
    const auto rpc = decode_rpc_message(*one.content);
    if (rpc && rpc->header.reply) continue;
    const auto message =
        rpc ? MapMessage::from_value(rpc->message) : MapMessage::decode(*one.content);
    if (message) names.insert(map_message_type_name(message->type));
  }
  return names;
}

TEST_P(TribesMapFailure, EveryKindOfMessageWasHeardFromATomcat) {
  for (const char* kind : {"lazy", "full"}) {
    SCOPED_TRACE(kind);
    meet();
    our_map(kind);
    map->put("ours", "a");
    ask(*peer, std::string("map-start texts ") + kind + " 6");  // INIT, STATE or STATE_COPY, START
    Peer second({GetParam(), group(), 0, {"TcpFailureDetector", "MessageDispatchInterceptor"}, {}});
    ASSERT_TRUE(second.ready());
    ASSERT_TRUE(eventually([&] { return second.sees(our->port()) && second.sees(peer->port()); }));
    ask(second, std::string("map-start texts ") + kind + " 6");
    ask(*peer, "map-fill texts theirs 2");  // BACKUP and PROXY, or COPY
    ask(*peer, "map-get texts ours");
    ask(second, "map-get texts theirs0");  // RETRIEVE_BACKUP or
    ask(second, "map-get texts theirs1");  // NOTIFY_MAPMEMBER
    ask(second, "map-get texts ours");
    for (const char* key : {"theirs0", "theirs1", "ours"}) {
      ask(second, std::string("map-touch texts ") + key);  // ACCESS
    }
    ask(*peer, "map-remove texts theirs0");  // REMOVE
    ask(*peer, "heartbeat");                 // PING
    ask(*peer, "map-stop texts");            // STOP
    std::set<std::string> wanted{
        "MSG_REMOVE", "MSG_START",           "MSG_STOP", "MSG_INIT", "MSG_ACCESS",
        "MSG_PING",   "MSG_NOTIFY_MAPMEMBER"};
    if (kind == std::string("lazy")) {
      wanted.insert({"MSG_BACKUP", "MSG_RETRIEVE_BACKUP", "MSG_PROXY", "MSG_STATE"});
    } else {
      wanted.insert({"MSG_COPY", "MSG_STATE_COPY"});
    }
    EXPECT_TRUE(eventually([&] { return std::ranges::includes(heard(*our), wanted); }))
        << testing::PrintToString(heard(*our)) << " instead of " << testing::PrintToString(wanted);
    map.reset();
    our.reset();
    peer.reset();
  }
}

}  // namespace
}  // namespace serval::tribes
