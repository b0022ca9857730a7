// serval tribes, as a person uses it, in one group with a channel of a real Tomcat.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <sstream>

#include "tests/support/channel_peer.h"
#include "tests/support/free_port.h"
#include "tests/support/node.h"
#include "tests/support/process.h"
#include "tests/support/raw_socket.h"
#include "tests/support/temp_dir.h"

namespace serval::test {
namespace {

using Words = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
std::string member_text(int port) { return "127.0.0.1:" + std::to_string(port); }

/// A command that runs until it is told to stop.
class Tool {
 public:
  Tool(const Words& command, const std::map<std::string, std::string>& environment = {}) {
    Process::Options options;
    options.command = command;
    options.environment = environment;
    options.output = directory_ / "output";
    process_ = std::make_unique<Process>(options);
  }
  std::string output() const { return read_file(directory_ / "output"); }
  bool says(const std::string& text) const {
    return eventually([&] { return contains(output(), text); });
  }
  /// The first line with this text.
  std::string line(const std::string& text) const {
    EXPECT_TRUE(says(text)) << text << " is not in:\n" << output();
    std::istringstream lines(output());
    for (std::string one; std::getline(lines, one);) {
      if (contains(one, text)) return one;
    }
    return "";
  }
  /// SIGINT, and the exit status.
  int interrupt() {
    process_->signal(SIGINT);
    return process_->wait(kPatience).value_or(-1);
  }
  Process& process() { return *process_; }

 private:
  TempDir directory_;
  std::unique_ptr<Process> process_;
};

class TribesTools : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    peer = std::make_unique<ChannelPeer>(ChannelPeer::Options{
        GetParam(), group, 0, {"TcpFailureDetector", "MessageDispatchInterceptor"}, {}});
    ASSERT_TRUE(peer->ready());
  }
  Words command(const Words& words) const {
    const std::string file = directory.write("channel.xml", channel_xml()).string();
    Words all{server_binary().string(), "tribes", "--channel", file};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }
  CommandResult run(const Words& words) const { return run_command(command(words)); }
  std::string peer_text() const { return member_text(peer->port()); }

  std::string channel_xml() const {
    std::ostringstream xml;
    xml << "<Channel className='org.apache.catalina.tribes.group.GroupChannel'>\n"
        << "<Membership className='org.apache.catalina.tribes.membership.McastService' port='"
        << group << "' bind='127.0.0.1' frequency='100' dropTime='1000'/>\n"
        << "<Receiver className='org.apache.catalina.tribes.transport.nio.NioReceiver' "
           "address='127.0.0.1' autoBind='1' port='"
        << port << "'/>\n"
        << "<Sender className='org.apache.catalina.tribes.transport.ReplicationTransmitter'>"
        << "<Transport className='org.apache.catalina.tribes.transport.nio.PooledParallelSender' "
           "timeout='20000'/></Sender>\n"
        << "<Interceptor "
           "className='org.apache.catalina.tribes.group.interceptors.TcpFailureDetector'/>\n"
        << "<Interceptor className='org.apache.catalina.tribes.group.interceptors."
           "MessageDispatchInterceptor'/>\n"
        << "</Channel>\n";
    return xml.str();
  }

  TempDir directory;
  const int group = free_udp_port();
  const int port = free_port();
  std::unique_ptr<ChannelPeer> peer;
};
std::string kind_name(const testing::TestParamInfo<Kind>& kind) { return name_of(kind.param); }
INSTANTIATE_TEST_SUITE_P(, TribesTools, testing::Values(Kind::kTomcat9, Kind::kTomcat10),
                         kind_name);

TEST_P(TribesTools, MembersShowsATableOnce) {
  const CommandResult result = run({"members", "--once"});
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_TRUE(contains(result.output, "* " + member_text(port) + "  Serval")) << result.output;
  EXPECT_TRUE(contains(result.output, "  " + peer_text() + "  Tribes")) << result.output;
  const std::string id = peer->events("ready").front();
  EXPECT_TRUE(contains(result.output, id.substr(id.find('/') + 1))) << result.output;
}

TEST_P(TribesTools, MembersWritesALineForEachChangeAndLeavesProperly) {
  Tool members(command({"members"}));
  EXPECT_TRUE(contains(members.line(peer_text()), "  added    "));
  ASSERT_TRUE(eventually([&] { return peer->sees(port); }));
  EXPECT_EQ(members.interrupt(), 0) << members.output();
  EXPECT_TRUE(eventually([&] { return !peer->events("gone " + std::to_string(port)).empty(); }));
}

TEST_P(TribesTools, MembersIsATableThatLivesOnATerminal) {
  std::string line;
  for (const std::string& word : command({"members"})) line += word + " ";
  const std::map<std::string, std::string> environment{
      {"TERM", "xterm"}, {"NO_COLOR", GetParam() == Kind::kTomcat9 ? "1" : ""}};
  Tool members({"script", "-qfec", line, "/dev/null"}, environment);
  EXPECT_TRUE(members.says("1 member  ")) << members.output();
  EXPECT_TRUE(members.says(peer_text())) << members.output();
  peer->stop();
  EXPECT_TRUE(members.says("nobody else is here")) << members.output();
  const bool has_colours = contains(members.output(), "\x1b[2m");
  EXPECT_EQ(has_colours, GetParam() != Kind::kTomcat9) << "NO_COLOR is respected";
}

TEST_P(TribesTools, ListenWritesALineForEachEvent) {
  Tool listen(command({"listen"}));
  ASSERT_TRUE(listen.says("listening as " + member_text(port)));
  ASSERT_TRUE(eventually([&] { return peer->sees(port); }));
  peer->send("all", 6, 100, 4);
  peer->send("all", 8, 30, 6, 1, true);
  const std::string raw = listen.line("7 (sync, use_ack, byte)");
  EXPECT_TRUE(contains(raw, "  message  " + peer_text())) << raw;
  EXPECT_TRUE(contains(raw, "  100 B  sha256 " + sha256_of(peer_content(100, 4)) + "  bytes \""))
      << raw;
  const auto content = peer_content(30, 6);
  const std::string object = listen.line("8 (async)");
  EXPECT_TRUE(contains(object, "object byte[30] \"" + std::string(content.begin(), content.end())))
      << object;
  peer->stop();
  EXPECT_TRUE(contains(listen.line("  gone  "), peer_text()));
  EXPECT_EQ(listen.interrupt(), 0);
}

TEST_P(TribesTools, ListenLeavesWhenItsReaderHasGone) {
  std::string line;
  for (const std::string& word : command({"listen"})) line += word + " ";
  Tool piped({"bash", "-c", line + " | head -1; echo ${PIPESTATUS[0]}"});
  ASSERT_TRUE(piped.says("  added  ")) << piped.output();
  ASSERT_TRUE(eventually([&] { return peer->sees(port); }));
  const auto goes_on = [&] {
    peer->ask("send all 8 bytes 10 1");
    return !peer->events("gone " + std::to_string(port)).empty();
  };
  EXPECT_TRUE(eventually(goes_on)) << piped.output();
  EXPECT_EQ(piped.process().wait(kPatience), 0) << piped.output();
  EXPECT_TRUE(piped.output().ends_with("\n0\n")) << piped.output();
}

TEST_P(TribesTools, SendSendsATextAFileAndRandomBytes) {
  const CommandResult text =
      run({"send", "--to", "all", "--options", "sync,use_ack", "--text", "hello"});
  EXPECT_EQ(text.status, 0) << text.output;
  EXPECT_TRUE(contains(text.output, "acked    1 of 1")) << text.output;
  const std::vector<std::uint8_t> content = peer_content(300'000, 3);
  const auto file =
      directory.write("content", {reinterpret_cast<const char*>(content.data()), content.size()});
  const CommandResult sent = run({"send", "--to", peer_text(), "--options", "3", "--file", file});
  EXPECT_EQ(sent.status, 0) << sent.output;
  const CommandResult many = run({"send", "--options", "7", "--count", "50", "--size", "0..64K"});
  EXPECT_EQ(many.status, 0) << many.output;
  EXPECT_TRUE(contains(many.output, "acked    50 of 50")) << many.output;
  EXPECT_TRUE(contains(many.output, "latency  min ")) << many.output;
  ASSERT_TRUE(peer->eventually_receives(52)) << peer->log_tail();
  const auto received = peer->received();
  EXPECT_TRUE(received[0].is_object);
  EXPECT_EQ(received[0].sha256, sha256_of({'h', 'e', 'l', 'l', 'o'}));
  EXPECT_FALSE(received[1].is_object);
  EXPECT_EQ(received[1].sha256, sha256_of(content));
  EXPECT_EQ(received[51].options, 7);
}

TEST_P(TribesTools, SendWaitsForWhatIsAsynchronous) {
  const CommandResult sent =
      run({"send", "--options", "async,byte", "--count", "40", "--size", "100K"});
  EXPECT_EQ(sent.status, 0) << sent.output;
  EXPECT_TRUE(contains(sent.output, "taken    40 of 40")) << sent.output;
  EXPECT_TRUE(peer->eventually_receives(40)) << peer->log_tail();
}

TEST_P(TribesTools, SendNamesWhoDoesNotTakeAMessage) {
  EXPECT_TRUE(peer->ask("refuse on").ok);
  const CommandResult refused = run({"send", "--options", "6", "--text", "x"});
  EXPECT_EQ(refused.status, 1) << refused.output;
  EXPECT_TRUE(contains(refused.output, "acked    0 of 1")) << refused.output;
  EXPECT_TRUE(contains(refused.output, "failed   " + peer_text() + ": 1 message: "))
      << refused.output;
  const CommandResult unknown = run({"send", "--to", "1", "--text", "x", "--wait", "0"});
  EXPECT_EQ(unknown.status, 1) << unknown.output;
  EXPECT_TRUE(contains(unknown.output, "no member is called '1'; members: " + peer_text()))
      << unknown.output;
  EXPECT_EQ(run({"send"}).status, 2);
  EXPECT_EQ(run({"send", "--options", "nonsense", "--text", "x"}).status, 2);
}

TEST_P(TribesTools, EchoSendsBackWhatCame) {
  Tool echo(command({"echo"}));
  ASSERT_TRUE(eventually([&] { return peer->sees(port); })) << echo.output();
  struct Case {
    int options;
    std::size_t size;
    bool object;
  };
  const std::vector<Case> cases{{0, 10, false}, {2, 0, false},    {6, 70'000, false}, {8, 3, false},
                                {6, 500, true}, {10, 4000, true}, {512, 20, true}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    SCOPED_TRACE(testing::Message() << "options " << c.options << " size " << c.size);
    peer->send("all", c.options, c.size, i, 1, c.object);
    ASSERT_TRUE(peer->eventually_receives(i + 1)) << echo.output() << peer->log_tail();
    const auto back = peer->received().back();
    EXPECT_EQ(back.options, c.object ? c.options : c.options | 1);
    EXPECT_EQ(back.is_object, c.object);
    EXPECT_EQ(back.sha256, sha256_of(peer_content(c.size, i)));
    EXPECT_EQ(back.sender, port);
  }
  EXPECT_EQ(echo.interrupt(), 0) << echo.output();
  EXPECT_TRUE(contains(echo.output(), "7 sent back, 0 failed")) << echo.output();
}

TEST_P(TribesTools, DumpShowsWhatWasOnTheNetwork) {
  SERVAL_NEEDS_NAMESPACES("to capture nobody else's traffic");
  const std::string capture = directory / "capture.pcap";
  Tool tcpdump({"tcpdump", "-Z", "root", "-U", "--immediate-mode", "-i", "lo", "-w", capture});
  ASSERT_TRUE(tcpdump.says("listening on lo")) << tcpdump.output();
  Tool listen(command({"listen"}));
  ASSERT_TRUE(eventually([&] { return peer->sees(port); })) << listen.output();
  peer->send("all", 6, 5000, 4);
  peer->send("all", 6, 20, 6, 1, true);
  ASSERT_TRUE(listen.says("byte[20]")) << listen.output();
  {
    const std::string nonsense = "GET / HTTP/1.1\r\n\r\n";
    const std::vector<std::uint8_t> bytes(nonsense.begin(), nonsense.end());
    RawSocket::connected(peer->port()).write(bytes);
  }
  EXPECT_EQ(listen.interrupt(), 0);
  const auto dumped = [&] {
    return run_command({server_binary().string(), "tribes", "dump", capture}).output;
  };
  ASSERT_TRUE(eventually([&] { return contains(dumped(), "goodbye"); })) << dumped();
  EXPECT_EQ(tcpdump.interrupt(), 0) << tcpdump.output();
  const CommandResult result =
      run_command({server_binary().string(), "tribes", "dump", "--full", capture});
  EXPECT_EQ(result.status, 0);
  const std::string text = result.output;
  for (const std::string& part : {
           "heartbeat  " + peer_text() + "  Tribes",
           "heartbeat  " + member_text(port) + "  Serval",
           "message    from " + peer_text() + "  7 (sync, use_ack, byte)  4.9 KiB  id ",
           "sha256   " + sha256_of(peer_content(5000, 4)),
           std::string("object byte[20]"),
           std::string("ack        id "),
           std::string("probe      from "),
           std::string("18 B at offset 0: no frame begins here: \"GET / HTTP/1.1\\r\\n\\r\\n\""),
           "goodbye    " + member_text(port),
           std::string("1 piece of garbage (18 B)"),
       }) {
    EXPECT_TRUE(contains(text, part)) << part << " is not in\n" << text;
  }
  EXPECT_FALSE(contains(text, "without the ACK")) << text;
  const CommandResult piped =
      run_command({"bash", "-c", server_binary().string() + " tribes dump --full - < " + capture});
  EXPECT_EQ(piped.output, text);
}

TEST(TribesDump, SaysWhatIsNoCapture) {
  const TempDir dir;
  const auto dump = [](const std::string& file) {
    return run_command({server_binary().string(), "tribes", "dump", file});
  };
  const CommandResult none = dump("/no/such/file");
  EXPECT_EQ(none.status, 2);
  EXPECT_TRUE(contains(none.output, "/no/such/file: No such file")) << none.output;
  const CommandResult text = dump(dir.write("text", "this is no capture at all, just a text"));
  EXPECT_EQ(text.status, 2);
  EXPECT_TRUE(contains(text.output, "not a capture")) << text.output;
  // pcap's header, Ethernet, then half a packet.
  const std::string header("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24);
  const std::string half("\1\0\0\0\1\0\0\0\x40\0\0\0\x40\0\0\0half", 20);
  const CommandResult cut = dump(dir.write("cut", header + half));
  EXPECT_EQ(cut.status, 1);
  EXPECT_TRUE(contains(cut.output, "the capture breaks off")) << cut.output;
  EXPECT_EQ(dump(dir.write("empty", header)).status, 0);
  std::string other = header;
  other[20] = 127;  // a radio's headers
  EXPECT_EQ(dump(dir.write("other", other)).status, 2);
}

}  // namespace
}  // namespace serval::test
