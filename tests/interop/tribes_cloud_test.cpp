// Nodes that a platform tells of each other: channels of ours and of real Tomcats on 127.0.0.1,
// .2, .3 and .4, all at one port.
#include <fmt/format.h>
#include <sys/mount.h>

#include <cstdlib>
#include <iterator>
#include <map>
#include <sstream>

#include "cluster/tribes/membership/cloud/membership_provider.h"
#include "tests/interop/tribes_pair.h"
#include "tests/support/fake_kubernetes.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

using serval::test::Certificates;
using serval::test::FakeKubernetes;

std::string ip(int last) { return "127.0.0." + std::to_string(last); }
/// The uid of a pod, which is also what its id is made of.
std::string uid(int last) { return "pod-" + std::to_string(last); }

std::string hex(const UniqueId& id) {
  std::string text;
  for (const std::uint8_t byte : id) text += fmt::format("{:02x}", byte);
  return text;
}

class TribesCloud : public ::testing::Test {
 protected:
  /// "kubernetes" or "dns".
  explicit TribesCloud(std::string provider) : provider_(std::move(provider)) {}

  void set_variable(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    environment_[name] = value;
  }
  std::unique_ptr<OurChannel> start_ours(int last) {
    Element element = element_of("Channel", "group.GroupChannel heartbeatSleeptime=100");
    element.children.push_back(
        element_of("Membership",
                   "membership.cloud.CloudMembershipService connectTimeout=20000 "
                   "readTimeout=20000 expirationTime=1000 membershipProviderClassName=" +
                       provider_));
    element.children.push_back(
        element_of("Receiver", "transport.nio.NioReceiver autoBind=1 address=" + ip(last) +
                                   " port=" + std::to_string(port_)));
    Element sender = element_of("Sender", "transport.ReplicationTransmitter");
    sender.children.push_back(
        element_of("Transport", "transport.nio.PooledParallelSender timeout=20000"));
    element.children.push_back(std::move(sender));
    const NoTomcatNames names;
    Diagnostics diagnostics(names);
    auto channel = build_channel(&element, diagnostics);
    for (const auto& entry : diagnostics.entries()) ADD_FAILURE() << entry.text;
    auto made = std::make_unique<OurChannel>(*std::move(channel));
    const auto started = made->channel().start(level::kAll);
    EXPECT_TRUE(started) << started.error().message;
    return made;
  }
  std::unique_ptr<ChannelPeer> start_tomcat(Kind kind, int last) {
    ChannelPeer::Options options;
    options.kind = kind;
    options.receiver = port_;
    options.host = ip(last);
    options.environment = environment_;
    options.environment["JAVA_TOOL_OPTIONS"] = "-Dsun.net.inetaddr.ttl=0";
    options.arguments = {"--cloud",
                         "connectTimeout=20000 readTimeout=20000 expirationTime=1000 "
                         "membershipProviderClassName=" +
                             provider_,
                         "--channel", "heartbeatSleeptime=100"};
    options.interceptors = {"MessageDispatchInterceptor", "TcpFailureDetector"};
    return std::make_unique<ChannelPeer>(options);
  }

  UniqueId id_of(int last) const { return cloud_id(provider_ == "dns" ? ip(last) : uid(last)); }
  MemberPtr seen(OurChannel& node, int last) const {
    for (const MemberPtr& one : node->members()) {
      if (one->host_text() == ip(last)) return one;
    }
    return nullptr;
  }
  /// Whether the nodes see exactly these others, with the ids that follow from the platform.
  bool eventually_sees(OurChannel& node, const std::vector<int>& others) const {
    return eventually([&] {
      return node->members().size() == others.size() && std::ranges::all_of(others, [&](int last) {
               const MemberPtr member = seen(node, last);
               return member && member->id == id_of(last) && member->port == port_;
             });
    });
  }
  bool eventually_sees(ChannelPeer& tomcat, const std::vector<int>& others) const {
    std::vector<std::string> wanted;
    for (const int last : others) {
      wanted.push_back(std::to_string(port_) + "/" + hex(id_of(last)));
    }
    std::ranges::sort(wanted);
    return eventually([&] {
      std::istringstream words(tomcat.ask("members").text);
      std::vector<std::string> there{std::istream_iterator<std::string>(words), {}};
      std::ranges::sort(there);
      return there == wanted;
    });
  }
  /// A message from each to all others, acknowledged.
  void exchange(OurChannel& a, OurChannel& b, std::vector<ChannelPeer*> tomcats) {
    a.send(6, 1000, 1);
    b.send(6, 1000, 2);
    for (ChannelPeer* tomcat : tomcats) tomcat->send("all", 6, 1000, 3);
    const std::size_t count = tomcats.size() + 1;
    EXPECT_TRUE(a.eventually_receives(count));
    EXPECT_TRUE(b.eventually_receives(count));
    for (ChannelPeer* tomcat : tomcats) {
      EXPECT_TRUE(tomcat->eventually_receives(count)) << tomcat->log_tail();
    }
    for (const Received& message : a.received()) {
      EXPECT_NE(message.sender->id, UniqueId{}) << message.sender->name();
    }
  }

  /// Two of ours, 1 and 3, and one Tomcat of each generation, 2 and 4, see and hear each other.
  void form_group() {
    tomcat9 = start_tomcat(Kind::kTomcat9, 2);
    tomcat10 = start_tomcat(Kind::kTomcat10, 4);
    ours = start_ours(1);
    second = start_ours(3);
    ASSERT_TRUE(tomcat9->ready() && tomcat10->ready());
    EXPECT_EQ(ours->channel().local_member()->id, id_of(1));
    ASSERT_TRUE(eventually_sees(*ours, {2, 3, 4}));
    ASSERT_TRUE(eventually_sees(*second, {1, 2, 4}));
    ASSERT_TRUE(eventually_sees(*tomcat9, {1, 3, 4})) << tomcat9->log_tail();
    ASSERT_TRUE(eventually_sees(*tomcat10, {1, 2, 3})) << tomcat10->log_tail();
    exchange(*ours, *second, {tomcat9.get(), tomcat10.get()});
  }

  std::unique_ptr<ChannelPeer> tomcat9, tomcat10;
  std::unique_ptr<OurChannel> ours, second;

 private:
  const std::string provider_;
  const int port_ = serval::test::free_tcp_port();
  std::map<std::string, std::string> environment_;
};

class TribesKubernetes : public TribesCloud {
 protected:
  TribesKubernetes() : TribesCloud("kubernetes") {
    certificates_.sign("api", "IP:127.0.0.1");
    api = std::make_unique<FakeKubernetes>(FakeKubernetes::Options{
        certificates_.certificate("api"), certificates_.key("api"), "", true});
    for (const auto& [name, value] : api->environment()) set_variable(name, value);
    set_variable("KUBERNETES_CA_CERTIFICATE_FILE", certificates_.authority());
    set_variable("KUBERNETES_LABELS", "app=shop");
    set_token("first");
  }
  void set_token(const std::string& token) {
    set_variable("SA_TOKEN_FILE", directory_.write("token", token).string());
    api->set_token(token);
  }
  void set_pods(const std::vector<int>& running) {
    std::vector<FakeKubernetes::Pod> pods{{"127.0.0.9", "ended", "Succeeded"}};
    for (const int last : running) pods.push_back({ip(last), uid(last)});
    api->set_pods(pods);
  }
  std::string strange_authority() const { return certificates_.stranger(); }

  std::unique_ptr<FakeKubernetes> api;

 private:
  Certificates certificates_;
  serval::test::TempDir directory_;
};

TEST_F(TribesKubernetes, TomcatsAndOursFormOneGroupAndPodsComeAndGo) {
  set_pods({1, 2, 3, 4});
  ASSERT_NO_FATAL_FAILURE(form_group());

  tomcat9->kill();
  set_pods({1, 3, 4});
  EXPECT_TRUE(eventually_sees(*ours, {3, 4}));
  EXPECT_TRUE(eventually_sees(*tomcat10, {1, 3})) << tomcat10->log_tail();

  set_pods({1, 3, 4, 2});
  tomcat9 = start_tomcat(Kind::kTomcat9, 2);
  ASSERT_TRUE(tomcat9->ready());
  EXPECT_TRUE(eventually_sees(*second, {1, 2, 4}));
  EXPECT_TRUE(eventually_sees(*tomcat9, {1, 3, 4})) << tomcat9->log_tail();
}

TEST_F(TribesKubernetes, TheGroupLivesThroughANewTokenAndAnApiThatIsAway) {
  set_pods({1, 2});
  auto tomcat = start_tomcat(Kind::kTomcat10, 2);
  ours = start_ours(1);
  ASSERT_TRUE(tomcat->ready());
  ASSERT_TRUE(eventually_sees(*ours, {2}));
  ASSERT_TRUE(eventually_sees(*tomcat, {1})) << tomcat->log_tail();

  set_token("second");
  second = start_ours(3);
  set_pods({1, 2, 3});  // who sees the new one has the new token
  EXPECT_TRUE(eventually_sees(*ours, {2, 3}));
  EXPECT_TRUE(eventually_sees(*second, {1, 2}));
  EXPECT_TRUE(eventually([&] { return second->channel().local_member()->id == id_of(3); }))
      << "it knows its own id only from a list in which it stands";
  EXPECT_TRUE(eventually_sees(*tomcat, {1, 3})) << tomcat->log_tail();

  const serval::test::LogCapture log;
  api->down();
  constexpr auto kLongerThanExpiration = std::chrono::milliseconds(2500);
  EXPECT_TRUE(serval::test::holds_for(kLongerThanExpiration, [&] {
    return ours->channel().members().size() == 2 && second->channel().members().size() == 2;
  }));
  EXPECT_TRUE(eventually_sees(*tomcat, {1, 3})) << tomcat->log_tail();
  EXPECT_EQ(log.count("No list of members"), 2U) << "one line of each node\n" << log.text();
  exchange(*ours, *second, {tomcat.get()});

  tomcat->kill();
  set_pods({1, 3});
  api->up();
  EXPECT_TRUE(eventually_sees(*ours, {3}));
  EXPECT_TRUE(eventually([&] { return log.count("members is there again") == 2; })) << log.text();
}

TEST_F(TribesKubernetes, AnApiWithTheWrongCertificateIsNotBelieved) {
  set_pods({1, 2});
  set_variable("KUBERNETES_CA_CERTIFICATE_FILE", strange_authority());
  const serval::test::LogCapture log;
  ours = start_ours(1);
  EXPECT_TRUE(ours->channel().members().empty());
  EXPECT_EQ(log.count("the server's certificate is refused"), 1U) << log.text();
  EXPECT_EQ(api->requests(), 0U);
}

class TribesDns : public TribesCloud {
 protected:
  TribesDns() : TribesCloud("dns") {
    set_variable("DNS_MEMBERSHIP_SERVICE_NAME", "shop.example");
    set_addresses({});
  }
  /// In a mount namespace of the test's own.
  void SetUp() override {
    SERVAL_NEEDS_NAMESPACES("for an /etc/hosts of its own");
    ASSERT_EQ(::mount((directory_ / "hosts").c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr), 0);
  }
  void TearDown() override { ::umount("/etc/hosts"); }
  void set_addresses(const std::vector<int>& nodes) {
    std::string hosts = "127.0.0.1 localhost\n";
    for (const int last : nodes) hosts += ip(last) + " shop.example\n";
    directory_.write("hosts", hosts);
  }

 private:
  serval::test::TempDir directory_;
};

TEST_F(TribesDns, TomcatsAndOursFormOneGroupAndAddressesComeAndGo) {
  set_addresses({1, 2, 3, 4});
  ASSERT_NO_FATAL_FAILURE(form_group());

  tomcat10->kill();
  set_addresses({1, 2, 3});
  EXPECT_TRUE(eventually_sees(*ours, {2, 3}));
  EXPECT_TRUE(eventually_sees(*tomcat9, {1, 3})) << tomcat9->log_tail();

  set_addresses({});  // the name is gone: no answer, so the members stay
  EXPECT_TRUE(serval::test::holds_for(std::chrono::milliseconds(2500),
                                      [&] { return ours->channel().members().size() == 2; }));
}

}  // namespace
}  // namespace serval::tribes
