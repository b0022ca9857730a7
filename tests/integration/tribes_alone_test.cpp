// serval_tribes is a library that stands alone: a program that links nothing else of Serval's is a
// member like any other.
#include <gtest/gtest.h>

#include "tests/support/channel_node.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace serval::tribes {
namespace {

using serval::test::eventually;

TEST(TribesAlone, AProgramWithoutTheContainerJoinsAGroup) {
  const serval::test::TempDir dir;
  const int group = serval::test::free_udp_port();
  ChannelNode node(group);
  ASSERT_TRUE(node.start());
  serval::test::Process::Options options;
  options.command = {SERVAL_JOIN_GROUP, std::to_string(group), "good morning"};
  options.output = dir / "output";
  serval::test::Process guest(options);
  ASSERT_TRUE(eventually([&] { return node.texts() == std::vector<std::string>{"good morning"}; }))
      << serval::test::read_file(dir / "output");
  ASSERT_TRUE(eventually([&] { return node.channel().has_members(); }));
  // No ACK is asked for: the guest leaves when it has the message, perhaps before the sender looks
  // whether the connection still stands, and reports a failure. Its output tells that it came.
  ASSERT_TRUE(node.send(node.channel().members(), "welcome", 0));
  EXPECT_EQ(guest.wait(serval::test::kPatience), 0);
  const std::string output = serval::test::read_file(dir / "output");  // behind what it logged
  EXPECT_TRUE(output.ends_with("\n" + node.self()->address_text() + " says welcome\n")) << output;
  EXPECT_TRUE(eventually([&] { return !node.channel().has_members(); })) << "it said goodbye";
}

}  // namespace
}  // namespace serval::tribes
