// tests/interop/map_pair.h
#pragma once
#include <memory>
#include <string>

#include "tests/interop/tribes_pair.h"
#include "tests/support/text_map.h"

namespace serval::tribes {

using Peer = ChannelPeer;

inline std::string ask(Peer& peer, const std::string& command) {
  const auto answer = peer.ask(command, std::chrono::seconds(60));
  EXPECT_TRUE(answer.ok) << command << ": " << answer.text << peer.log_tail();
  return answer.text;
}
/// The beginning of "ROLE PRIMARY NODES TEXT ACCESSES DIFFS".
inline bool eventually_has(Peer& peer, const std::string& key, const std::string& wanted) {
  std::string last;
  const bool has = eventually([&] {
    last = ask(peer, "map-entry texts " + key);
    return last.starts_with(wanted);
  });
  EXPECT_TRUE(has) << key << " is [" << last << "] on " << peer.port() << ", not [" << wanted << "]"
                   << peer.log_tail();
  return has;
}
inline bool eventually_has(TextMap& map, const std::string& key, const std::string& wanted) {
  const bool has = eventually([&] { return map.entry(key) == wanted; });
  EXPECT_TRUE(has) << key << " is [" << map.entry(key) << "], not [" << wanted << "]";
  return has;
}

/// The application hears of an entry after the map has it.
inline void eventually_made_primary(TextMap& map, std::size_t number) {
  const auto told = [&] { return map.made_primary().size(); };
  EXPECT_TRUE(eventually([&] { return told() == number; })) << told();
}

/// A map of texts, here and on a real Tomcat.
class TribesMap : public TribesPair {
 protected:
  void meet() { start({"TcpFailureDetector", "MessageDispatchInterceptor"}); }
  void both_maps(const char* kind) {
    ask(*peer, std::string("map-start texts ") + kind + " 6");
    our_map(kind);
  }
  void our_map(const std::string& kind) {
    map =
        std::make_unique<TextMap>(our->channel(), kind == "lazy" ? MapKind::kLazy : MapKind::kFull);
    const auto started = (*map)->start();
    ASSERT_TRUE(started) << started.error().message;
  }
  std::string ports() { return std::to_string(our->port()) + " " + std::to_string(peer->port()); }
  std::string our_port() { return std::to_string(our->port()); }
  std::string peer_port() { return std::to_string(peer->port()); }
  void TearDown() override { map.reset(); }

  std::unique_ptr<TextMap> map;
};

}  // namespace serval::tribes
