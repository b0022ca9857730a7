#include <gtest/gtest.h>

#include "cluster/ha/backend/heartbeat_listener.h"
#include "cluster/ha/tcp/register_ha.h"
#include "container/config/tomcat_names.h"

namespace serval::ha::test {
namespace {

/// What a connector shows of its threads.
struct Pool {
  int max = 200, busy = 0;
  static const BeanTable<Pool>& table() {
    static const auto table = BeanTable<Pool>{
        "pool", {}, {}}.read("maxThreads", [](const Pool& p) {
                         return p.max;
                       }).read("currentThreadsBusy", [](const Pool& p) { return p.busy; });
    return table;
  }
};

class Connectors : public ::testing::Test {
 protected:
  [[nodiscard]] BeanRegistry::Registration add(const std::string& name) {
    return beans.add(*ObjectName::parse("Catalina:type=ThreadPool,name=\"" + name + "\""),
                     make_bean(pool, Pool::table(), name));
  }
  Pool pool;
  BeanRegistry beans;
};

TEST_F(Connectors, AreFoundByPortAndAddress) {
  const auto any = add("http-nio-8080"), local = add("http-nio-127.0.0.1-8081"),
             other = add("http-nio-10.0.0.1-8081"), odd = add("http-nio");
  const struct {
    std::optional<std::string> host;
    int port;
    std::string want;
  } kCases[] = {
      {std::nullopt, 8080, "null:8080"},
      {std::nullopt, 8081, "10.0.0.1:8081"},
      {"127.0.0.1", 8081, "127.0.0.1:8081"},
      {std::nullopt, 0, "10.0.0.1:8081"},
      {"127.0.0.1", 0, "Cannot find connector for [127.0.0.1]:[0]"},
      {"127.0.0.1", 8080, "Cannot find connector for [127.0.0.1]:[8080]"},
      {std::nullopt, 8009, "Cannot find connector for [null]:[8009]"},
  };
  for (const auto& c : kCases) {
    const auto found = ConnectorLoad::find(beans, c.host, c.port);
    EXPECT_EQ(found ? found->host().value_or("null") + ":" + std::to_string(found->port())
                    : found.error().message,
              c.want);
  }
}

TEST_F(Connectors, AreReadyWithTheThreadsThatAreNotBusy) {
  auto shown = add("http-nio-8080");
  const auto load = ConnectorLoad::find(beans, std::nullopt, 8080);
  ASSERT_TRUE(load);
  pool.busy = 3;
  EXPECT_EQ(heartbeat_text(*load->read(beans), load->port()), "v=1&ready=197&busy=3&port=8080");
  shown.end();
  EXPECT_FALSE(load->read(beans));
}

TEST(ProxyLists, AreHostsWithPorts) {
  const auto list = parse_proxy_list("a:80, 10.0.0.1:6666 ,,b:1");
  ASSERT_TRUE(list);
  EXPECT_EQ(*list, (std::vector<Proxy>{{"a", 80}, {"10.0.0.1", 6666}, {"b", 1}}));
  EXPECT_TRUE(parse_proxy_list("")->empty());
  for (const char* wrong : {"a", ":80", "a:", "a:x", "a:80,b"}) {
    const auto refused = parse_proxy_list(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().message.find("Invalid proxy list"), 0U);
  }
}

TEST(HeartbeatListener, ReadsEveryAttributeOfTomcat) {
  Element element;
  element.attributes = {{"className", "org.apache.catalina.ha.backend.HeartbeatListener"},
                        {"Port", "8010"},
                        {"Host", "127.0.0.1"},
                        {"ProxyList", "a:1"},
                        {"proxyURL", "/x"},
                        {"Group", "224.0.1.106"},
                        {"Multiport", "23365"},
                        {"Ttl", "1"}};
  const TomcatNameTable names;
  Diagnostics diagnostics(names);
  auto read = [&] {
    return read_options<HeartbeatListener::Options>(
        element, "org.apache.catalina.ha.backend.HeartbeatListener",
        HeartbeatListener::attributes(), diagnostics);
  };
  const auto options = read();
  EXPECT_EQ(options.port, 8010);
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.proxy_list, "a:1");
  EXPECT_EQ(options.proxy_url, "/x");
  EXPECT_EQ(options.group, "224.0.1.106");
  EXPECT_EQ(options.multiport, 23365);
  EXPECT_EQ(options.ttl, 1);
  element.attributes = {{"proxyURLString", "/y"}, {"port", "1"}};
  EXPECT_EQ(read().proxy_url, "/y");
  EXPECT_FALSE(read().proxy_list);
  EXPECT_EQ(read().port, 1);
  EXPECT_TRUE(diagnostics.entries().empty());
}

TEST(HeartbeatListener, IsThereByItsName) {
  core::Registries registries;
  register_ha(registries);
  EXPECT_TRUE(registries.listeners.contains("org.apache.catalina.ha.backend.HeartbeatListener"));
}

}  // namespace
}  // namespace serval::ha::test
