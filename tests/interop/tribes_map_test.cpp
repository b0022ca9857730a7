// Replicated maps and calls, together with real Tomcats.
#include "cluster/tribes/group/rpc_channel.h"
#include "tests/interop/map_pair.h"

namespace serval::tribes {
namespace {

SERVAL_BOTH_TOMCATS(TribesMap);

class Echo final : public RpcChannel::Callback {
 public:
  void reply_request(const Value& request, const MemberPtr&, RpcChannel::Reply reply) override {
    const auto* const text = request.get_if<std::string>();
    reply(Value(text ? "ours-" + *text : std::string("no text")));
  }
};

TEST_P(TribesMap, CallsAreAnsweredBothWays) {
  meet();
  Echo echo;
  {
    RpcChannel calls(our->channel(), Bytes{'i', 'd'}, echo);
    const auto say = [&](const char* text) {
      return calls.send_and_wait(
          our->channel().members(), [text](const auto&) { return Value(text); },
          RpcOption::kAllReply, 2, std::chrono::seconds(20));
    };
    EXPECT_TRUE(say("hello").responses.empty()) << "nobody there has the channel";
    ask(*peer, "rpc-start id");
    const RpcOutcome outcome = say("hello");
    ASSERT_EQ(outcome.responses.size(), 1U);
    EXPECT_EQ(*outcome.responses[0].message.get_if<std::string>(), "hello-from-" + peer_port());
    const RpcOutcome silent = say("silent");
    ASSERT_EQ(silent.responses.size(), 1U);
    EXPECT_TRUE(silent.responses[0].message.is_null());
    for (const char* option : {"first", "majority", "all"}) {
      EXPECT_EQ(ask(*peer, std::string("rpc-ask id ") + option + " 20000 hi"),
                our_port() + ":ours-hi");
    }
    EXPECT_EQ(ask(*peer, "rpc-ask id none 20000 hi"), "");
  }
  // Now our side has no such channel, which it says at once.
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(*peer, "rpc-ask id all 20000 hi"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_P(TribesMap, EntriesOfATomcatAreHereAfterTheStart) {
  meet();
  ask(*peer, "map-start texts lazy 6");
  for (int i = 0; i < 20; ++i) ask(*peer, "map-put texts k" + std::to_string(i) + " v");
  our_map("lazy");
  // It had no backup for them; this node becomes it.
  for (int i = 0; i < 20; ++i) eventually_has(*map, "k" + std::to_string(i), "backup v");
  eventually_has(*peer, "k7", "primary " + peer_port() + " " + our_port() + " v");
  EXPECT_EQ(map->append("k7", ",w"), "v,w");
  eventually_made_primary(*map, 1);
  EXPECT_EQ(map->made_primary(), std::vector<std::string>{"k7"});
  eventually_has(*peer, "k7", "backup " + our_port() + " " + peer_port() + " v,w");
}

TEST_P(TribesMap, AnEntryMovesToWhereItIsUsed) {
  meet();
  both_maps("lazy");
  map->put("ours", "a");
  eventually_has(*peer, "ours", "backup " + our_port() + " " + peer_port() + " a");
  EXPECT_EQ(map->append("ours", ",b"), "a,b");
  eventually_has(*peer, "ours", "backup " + our_port() + " " + peer_port() + " a,b");
  EXPECT_EQ(ask(*peer, "map-append texts ours ,c"), "a,b,c");
  EXPECT_EQ(peer->events("primary texts ours").size(), 1U);
  eventually_has(*map, "ours", "backup a,b,c");
  EXPECT_EQ(map->append("ours", ",d"), "a,b,c,d");
  eventually_has(*peer, "ours", "backup " + our_port() + " " + peer_port() + " a,b,c,d");

  ask(*peer, "map-put texts theirs x");
  eventually_has(*map, "theirs", "backup x");
  EXPECT_EQ(ask(*peer, "map-append texts theirs ,y"), "x,y");
  eventually_has(*map, "theirs", "backup x,y");
}

TEST_P(TribesMap, AnAccessIsToldToTheBackup) {
  meet();
  both_maps("lazy");
  map->put("k", "v");
  map->append("k", "");  // nothing changed, but it was used
  eventually_has(*peer, "k", "backup " + our_port() + " " + peer_port() + " v 1");
  ask(*peer, "map-put texts t v");
  eventually_has(*map, "t", "backup v");
  ask(*peer, "map-touch texts t");
  EXPECT_TRUE(eventually([&] {
    const auto entry = (*map)->entry(map_key("t"));
    return std::dynamic_pointer_cast<TextValue>(entry->value)->accesses() > 0;
  }));
}

TEST_P(TribesMap, ARemovedEntryIsGoneEverywhere) {
  meet();
  both_maps("lazy");
  map->put("a", "v");
  ask(*peer, "map-put texts b v");
  eventually_has(*peer, "a", "backup");
  eventually_has(*map, "b", "backup v");
  ask(*peer, "map-remove texts a");
  (*map)->remove(map_key("b"));
  eventually_has(*map, "a", "none");
  eventually_has(*peer, "b", "none");
}

TEST_P(TribesMap, TheBackupGoesOnWhenTomcatDies) {
  meet();
  both_maps("lazy");
  ask(*peer, "map-put texts k v");
  map->put("ours", "w");
  eventually_has(*map, "k", "backup v");
  peer->kill();
  eventually_has(*map, "k", "primary v");
  eventually_made_primary(*map, 1);
  EXPECT_EQ(map->made_primary(), std::vector<std::string>{"k"});
  // Another one comes: it gets what has no backup.
  start_peer({"TcpFailureDetector", "MessageDispatchInterceptor"});
  ASSERT_TRUE(peer->ready());
  ask(*peer, "map-start texts lazy 6");
  for (const auto& [key, text] : {std::pair("k", "v"), std::pair("ours", "w")}) {
    eventually_has(*peer, key, "backup " + our_port() + " " + peer_port() + " " + text);
  }
  EXPECT_EQ(ask(*peer, "map-append texts k ,x"), "v,x");
  eventually_has(*map, "k", "backup v,x");
}

TEST_P(TribesMap, TomcatGoesOnWhenThisNodeLeaves) {
  meet();
  both_maps("lazy");
  map->put("k", "v");
  eventually_has(*peer, "k", "backup");
  (*map)->stop();
  eventually_has(*peer, "k", "primary " + peer_port() + " - v");
  our_map("lazy");
  eventually_has(*map, "k", "backup v");
}

TEST_P(TribesMap, EveryNodeHasACopyInAFullMap) {
  meet();
  ask(*peer, "map-start texts full 6");
  ask(*peer, "map-put texts early e");
  our_map("full");
  eventually_has(*map, "early", "copy e");
  map->put("ours", "a");
  eventually_has(*peer, "ours", "copy " + our_port() + " " + peer_port() + " a");
  EXPECT_EQ(map->append("ours", ",b"), "a,b");
  eventually_has(*peer, "ours", "copy " + our_port() + " " + peer_port() + " a,b");
  EXPECT_EQ(ask(*peer, "map-append texts ours ,c"), "a,b,c");
  eventually_has(*map, "ours", "copy a,b,c");
  EXPECT_EQ(map->append("early", ",f"), "e,f");
  eventually_has(*peer, "early", "copy " + our_port() + " " + peer_port() + " e,f");
  peer->kill();
  eventually_has(*map, "ours", "primary a,b,c");
}

/// Both generations and this node. Parameter: which Tomcat starts first.
class TribesMapMixed : public TribesMap {
 protected:
  void SetUp() override {
    const Kind other = GetParam() == Kind::kTomcat9 ? Kind::kTomcat10 : Kind::kTomcat9;
    meet();
    second = std::make_unique<Peer>(
        Peer::Options{other, group(), 0, {"TcpFailureDetector", "MessageDispatchInterceptor"}, {}});
    ASSERT_TRUE(second->ready());
    ASSERT_TRUE(eventually([&] {
      return our->member(second->port()) && peer->sees(second->port()) &&
             second->sees(peer->port()) && second->sees(our->port());
    }));
  }
  std::unique_ptr<Peer> second;
};
INSTANTIATE_TEST_SUITE_P(, TribesMapMixed, testing::Values(Kind::kTomcat9, Kind::kTomcat10),
                         kind_name);

TEST_P(TribesMapMixed, GenerationsReachEachOthersEntriesThroughThisNode) {
  ask(*peer, "map-start texts lazy 6");
  ask(*peer, "map-put texts before a");
  our_map("lazy");
  ask(*second, "map-start texts lazy 6");
  ask(*peer, "map-put texts after b");
  for (const char* key : {"before", "after"}) {
    eventually_has(*second, key, "proxy " + peer_port());
    EXPECT_EQ(ask(*second, std::string("map-append texts ") + key + " ,x").substr(1), ",x");
    eventually_has(*peer, key, "proxy " + std::to_string(second->port()));
    EXPECT_EQ(ask(*peer, std::string("map-append texts ") + key + " ,y").substr(1), ",x,y");
    EXPECT_EQ(map->append(key, ",z").substr(1), ",x,y,z");
    EXPECT_EQ(ask(*second, std::string("map-get texts ") + key).substr(1), ",x,y,z");
  }
  ask(*peer, "map-remove texts before");
  eventually_has(*second, "before", "none");
  eventually_has(*map, "before", "none");
}

TEST_P(TribesMapMixed, NoGenerationLosesAnEntryWithItsNode) {
  our_map("lazy");
  ask(*peer, "map-start texts lazy 6");
  ask(*second, "map-start texts lazy 6");
  ask(*peer, "map-put texts one a");
  ask(*second, "map-put texts two b");
  map->put("three", "c");
  eventually_has(*second, "one", "proxy");
  eventually_has(*peer, "two", "proxy");
  const int gone = peer->port();
  peer->kill();
  ASSERT_TRUE(eventually([&] { return !our->member(gone) && !second->sees(gone); }));
  eventually_has(*map, "one", "primary a");
  for (const auto& [key, text] :
       {std::pair("one", "a"), std::pair("two", "b"), std::pair("three", "c")}) {
    EXPECT_EQ(ask(*second, std::string("map-append texts ") + key + " ,x"),
              text + std::string(",x"));
    EXPECT_EQ(map->append(key, ",y"), text + std::string(",x,y"));
  }
  start_peer({"TcpFailureDetector", "MessageDispatchInterceptor"});
  ASSERT_TRUE(peer->ready());
  ask(*peer, "map-start texts lazy 6");
  EXPECT_EQ(ask(*peer, "map-get texts one"), "a,x,y");
  EXPECT_EQ(ask(*peer, "map-get texts two"), "b,x,y");
}

TEST_P(TribesMapMixed, AFullMapHasItsCopiesOnBothGenerations) {
  ask(*peer, "map-start texts full 6");
  our_map("full");
  ask(*second, "map-start texts full 6");
  ask(*peer, "map-put texts k a");
  eventually_has(*second, "k", "copy " + peer_port());
  EXPECT_EQ(ask(*second, "map-append texts k ,b"), "a,b");
  eventually_has(*map, "k", "copy a,b");
  EXPECT_TRUE(eventually(
      [&] { return ask(*peer, "map-entry texts k").find(" a,b ") != std::string::npos; }));
}

}  // namespace
}  // namespace serval::tribes
