// Bad configuration, a port that is taken, garbage on the cluster's ports: a clear message, and
// nothing else is disturbed.
#include <random>

#include "tests/support/cluster_test.h"
#include "tests/support/multicast.h"

namespace serval::test {

namespace fs = std::filesystem;

namespace {

std::string garbage(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// Tribes: "FLT2002", length, body, "TLF2003".
const std::string kStart = "FLT2002", kEnd = "TLF2003";

std::string length_field(std::uint32_t length) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(length >> shift);
  return bytes;
}

}  // namespace

class BadInput : public ClusterTest {
 protected:
  /// Runs `catalina.sh COMMAND` on a base directory with this server.xml.
  CommandResult catalina(const std::string& command, const std::string& server_xml) {
    if (!conf_) {
      NodeOptions options = defaults;
      options.name = "conf";
      options.cluster_xml = " ";
      conf_ = make_node(Kind::kServal, options, directory());
    }
    std::ofstream(conf_->base() / "conf/server.xml") << server_xml;
    return run_command({(source_dir() / "bin/catalina.sh").string(), command},
                       script_environment(conf_->base()), std::chrono::seconds(30));
  }
  std::unique_ptr<Node> conf_;
};

TEST_F(BadInput, BrokenXmlEndsTheStartWithFileAndLine) {
  const std::string broken =
      "<?xml version=\"1.0\"?>\n<Server port=\"-1\">\n  <Service name=\"Catalina\">\n</Server>\n";
  const CommandResult run = catalina("run", broken);
  EXPECT_NE(run.status, 0);
  EXPECT_NE(run.output.find("server.xml:4"), std::string::npos) << run.output;
  const CommandResult test = catalina("configtest", broken);
  EXPECT_EQ(test.status, 1);
  EXPECT_NE(test.output.find("server.xml:4"), std::string::npos) << test.output;
  EXPECT_NE(test.output.find("Configuration error detected!"), std::string::npos) << test.output;
}

TEST_F(BadInput, AllMistakesOfAFileAreSaidTogether) {
  const CommandResult run = catalina("configtest", R"(<Server port="-1">
  <Service name="Catalina">
    <Connector port="80x0" protocol="HTTP/1.1"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost">
        <Valve className="org.example.NoSuchValve"/>
        <Valve className="org.apache.catalina.valves.AccessLogValve" patern="common"/>
      </Host>
    </Engine>
  </Service>
</Server>
)");
  EXPECT_EQ(run.status, 1);
  for (const char* words : {"server.xml:3", "80x0", "server.xml:6", "org.example.NoSuchValve",
                            "server.xml:7", "patern", "pattern"}) {
    EXPECT_NE(run.output.find(words), std::string::npos) << words << "\n" << run.output;
  }
}

TEST_F(BadInput, AClassThatOnlyTomcatHasIsAnErrorThatSaysSo) {
  const CommandResult run = catalina("configtest", R"(<Server port="-1">
  <Service name="Catalina">
    <Connector port="0" protocol="HTTP/1.1"/>
    <Connector port="0" protocol="AJP/1.3"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost">
        <Valve className="org.apache.catalina.valves.rewrite.RewriteValve"/>
      </Host>
    </Engine>
  </Service>
</Server>
)");
  EXPECT_EQ(run.status, 1);
  EXPECT_NE(run.output.find("RewriteValve"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("Tomcat"), std::string::npos) << run.output;
  EXPECT_NE(run.output.find("org.apache.coyote.ajp.AjpNioProtocol' is known from Tomcat"),
            std::string::npos)
      << run.output;
}

TEST_F(BadInput, APortInUseCostsThatConnectorOnly) {
  defaults.cluster_xml = " ";
  Node& first = start();
  Node& second = add(next_kind(), [&](NodeOptions& o) {
    o.http = free_port();
    o.server_xml = make_server_xml(o, directory() / o.name);
    o.server_xml.insert(o.server_xml.find("<Connector"),
                        "<Connector port=\"" + std::to_string(first.http()) +
                            "\" address=\"127.0.0.1\" protocol=\"HTTP/1.1\"/>\n    ");
  });
  second.start();
  EXPECT_TRUE(second.eventually_logs("Address already in use")) << second.log_tail();
  EXPECT_TRUE(second.eventually_logs(std::to_string(first.http()))) << second.log_tail();
  DemoUser user;
  EXPECT_TRUE(user.set(second, "x", "1"));
  EXPECT_TRUE(user.set(first, "x", "1"));
}

TEST_F(BadInput, GarbageOnTheReceiverPortClosesThatConnectionOnly) {
  Node &a = start(), &b = start();
  expect_members(a, b);
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "0"));
  ASSERT_EQ(user.peek(b, "x"), "0");
  const std::size_t files = b.open_files();
  const std::string attacks[] = {
      garbage(1 << 20, 1),
      kStart + length_field(0x7FFFFFFF) + garbage(1000, 2),      // a length beyond any limit
      kStart + length_field(0xFFFFFFFF) + garbage(1000, 3),      // a negative length
      kStart + length_field(100) + garbage(100, 4) + kEnd,       // a whole frame of nonsense
      kStart + length_field(100) + garbage(100, 5) + "XXX2003",  // a wrong end
      kStart + length_field(0) + kEnd,
      kStart + length_field(500) + garbage(20, 6),  // half a frame
      kStart.substr(0, 3),
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  for (const std::string& attack : attacks) {
    for (int i = 0; i < 3; ++i)
      exchange(b.options().receiver, attack, std::chrono::milliseconds(50));
  }
  ASSERT_TRUE(b.is_running()) << b.log_tail();
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(user.set(a, "x", std::to_string(i)));
    EXPECT_EQ(user.peek(b, "x"), std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] { return b.open_files() <= files + 2; }))
      << b.open_files() << " > " << files;
}

TEST_F(BadInput, GarbageDatagramsChangeNothing) {
  MulticastSocket group("228.0.0.4", defaults.multicast);
  Node &a = start(), &b = start();
  expect_members(a, b);
  const auto heartbeat = group.receive(kPatience);
  ASSERT_TRUE(heartbeat);
  for (unsigned i = 0; i < 200; ++i) {
    group.send(garbage(i * 7, i));
    std::string broken = *heartbeat;
    broken[i % broken.size()] = static_cast<char>(~broken[i % broken.size()]);
    group.send(broken.substr(0, broken.size() - i % 20));
    group.send("TRIBES-B" + garbage(i, i));
  }
  DemoUser user;
  ASSERT_TRUE(user.set(a, "x", "1"));
  EXPECT_EQ(user.peek(b, "x"), "1");
  EXPECT_TRUE(a.is_running() && b.is_running());
  EXPECT_FALSE(a.logged(
      "Received member disappeared:[org.apache.catalina.tribes.membership.MemberImpl[tcp://{127, "
      "0, 0, 1}:" +
      std::to_string(b.options().receiver)))
      << a.log_tail();
}

}  // namespace serval::test
