// What a HeartbeatListener tells load balancers, by multicast and by HTTP. In tests/interop the
// nodes are real Tomcats too: the bytes are the same.
#include <fmt/format.h>

#include "tests/e2e/pairs.h"
#include "tests/support/free_port.h"
#include "tests/support/multicast.h"
#include "tests/support/raw_socket.h"

namespace serval::test {

namespace {

using namespace std::chrono_literals;

std::string listener(const std::string& attributes) {
  return R"(<Listener className="org.apache.catalina.ha.backend.HeartbeatListener" )" + attributes +
         "/>";
}

/// What a proxy gets of a node that does nothing else.
std::string load_of(int port) { return fmt::format("v=1&ready=200&busy=0&port={}", port); }
std::string request_of(int port, const std::string& url) {
  return fmt::format(
      "POST {} HTTP/1.0\r\nContent-Length: {}\r\n"
      "User-Agent: HeartbeatListener/1.0\r\nConnection: Keep-Alive\r\n\r\n{}\r\n",
      url, load_of(port).size(), load_of(port));
}

/// One connection of a proxy.
std::string read_request(const RawSocket& connection, std::size_t size) {
  const auto bytes = connection.read(size);
  return {bytes.begin(), bytes.end()};
}
void answer(const RawSocket& connection, const std::string& head,
            const std::string& content = "done") {
  const std::string text =
      fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", head, content.size(), content);
  connection.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

class Heartbeats : public ClusterTest {
 protected:
  /// A node whose Host and Cluster have these listeners, "PORT" for its own port.
  Node& start_with(Kind kind, std::string in_host, std::string in_cluster = "") {
    const int http = free_tcp_port();
    const auto with_port = [&](std::string text) {
      if (const auto at = text.find("PORT"); at != text.npos) {
        text.replace(at, 4, std::to_string(http));
      }
      return text;
    };
    return start(kind, [&](NodeOptions& o) {
      o.http = http;
      o.host_xml = with_port(std::move(in_host));
      o.listeners += with_port(std::move(in_cluster));
    });
  }
  RawListener proxy, other_proxy;
  std::string proxies() const {
    return fmt::format("ProxyList=\"127.0.0.1:{},127.0.0.1:{}\"", proxy.port(), other_proxy.port());
  }
};

class HeartbeatsOf : public Heartbeats, public ::testing::WithParamInterface<Kind> {};

TEST_P(HeartbeatsOf, GoToTheGroupAndToEveryProxyInTheSameBytes) {
  const int multiport = free_udp_port();
  MulticastSocket group("224.0.1.105", multiport);
  const Node& node = start_with(
      GetParam(),
      listener(fmt::format(R"(Port="PORT" Group="224.0.1.105" Multiport="{}" Ttl="1")", multiport)),
      listener(R"(Port="PORT" Host="127.0.0.1" proxyURLString="/beat" )" + proxies()));
  const std::string want = request_of(node.http(), "/beat");
  for (RawListener* place : {&proxy, &other_proxy}) {
    const auto connection = place->accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(read_request(*connection, want.size()), want);
    answer(*connection, "200 OK");
    EXPECT_FALSE(connection->is_closed(100ms));
    // A Tomcat does nothing else in the background while a proxy does not answer.
    place->close();
  }
  std::optional<std::string> heard;
  EXPECT_TRUE(eventually([&] { return (heard = group.receive(2s)) == load_of(node.http()); }))
      << heard.value_or("nothing");
}

#ifdef SERVAL_WITH_TOMCAT
INSTANTIATE_TEST_SUITE_P(OfATomcat, HeartbeatsOf,
                         ::testing::ValuesIn(all_mixes()
                                                 ? std::vector{Kind::kTomcat9, Kind::kTomcat10}
                                                 : std::vector{Kind::kTomcat9}),
                         [](const auto& i) { return std::string(name_of(i.param)); });
#else
INSTANTIATE_TEST_SUITE_P(OfAServal, HeartbeatsOf, ::testing::Values(Kind::kServal),
                         [](const auto& i) { return std::string(name_of(i.param)); });

TEST_F(Heartbeats, KeepTheConnectionUntilTheProxyEndsIt) {
  const Node& node = start_with(Kind::kServal, listener(R"(Port="PORT" )" + proxies()));
  const std::string want = request_of(node.http(), "/HeartbeatListener");
  {
    const auto connection = proxy.accept();
    ASSERT_TRUE(connection);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(read_request(*connection, want.size()), want);
      answer(*connection, "200 OK");
    }
  }
  const auto next = proxy.accept();
  ASSERT_TRUE(next);
  EXPECT_EQ(read_request(*next, want.size()), want);
  EXPECT_FALSE(node.logged("proxy [127.0.0.1:" + std::to_string(proxy.port())));
}

TEST_F(Heartbeats, GoOnWhenAProxyRefusesIsSilentOrIsNotThere) {
  const RawListener silent;
  const int nobody = free_tcp_port();
  const Node& node = start_with(
      Kind::kServal,
      listener(fmt::format(R"(Port="PORT" ProxyList="127.0.0.1:{},127.0.0.1:{},127.0.0.1:{}")",
                           silent.port(), nobody, proxy.port())));
  const std::string want = request_of(node.http(), "/HeartbeatListener");
  for (int i = 0; i < 2; ++i) {
    const auto connection = proxy.accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(read_request(*connection, want.size()), want);
    answer(*connection, "503 Busy");
    EXPECT_TRUE(connection->is_closed());
  }
  EXPECT_TRUE(node.eventually_logs("Response error with code [503]"));
  EXPECT_TRUE(
      node.eventually_logs(fmt::format("Unable to connect to proxy [127.0.0.1:{}]", nobody)));
  EXPECT_EQ(Browser().get(node.http(), "/demo/s?op=info").status, 200);
}

TEST_F(Heartbeats, SayWhatTheyCannotDo) {
  const Node& node =
      start_with(Kind::kServal, listener("") + listener(R"(Port="PORT" ProxyList="x")"),
                 listener(R"(Port="PORT" Group="nowhere")"));
  EXPECT_TRUE(node.eventually_logs(
      "Unable to initialize info collection: Cannot find connector for [null]:[8009]"));
  EXPECT_TRUE(node.eventually_logs("Unable to initialize Sender: Invalid proxy list"));
  EXPECT_TRUE(node.eventually_logs("Unable to use multicast [nowhere:23364]"));
}
#endif

}  // namespace serval::test
