// Texts that java.util.Properties of Java 17 prints for the same entries.
#include "cluster/tribes/membership/properties_text.h"

#include <gtest/gtest.h>

#include <list>
#include <vector>

namespace serval::tribes {
namespace {

TEST(PropertiesText, OfFewEntries) {
  EXPECT_EQ(properties_text({}), "{}");
  EXPECT_EQ(properties_text(std::vector<Property>{{"n0", "0"}, {"n1", ""}, {"n2", "2"}}),
            "{n0=0, n1=, n2=2}");
}

TEST(PropertiesText, TheTwelfthEntryMakesTheTableGrow) {
  std::vector<Property> all;
  for (const char* name :
       {"mcastPort", "mcastAddress", "memberDropTime", "mcastFrequency", "recoveryCounter",
        "recoveryEnabled", "recoverySleepTime", "localLoopbackDisabled", "tcpListenHost",
        "tcpListenPort", "udpListenPort", "tcpSecurePort"}) {
    all.emplace_back(name, "1");
  }
  EXPECT_EQ(properties_text(all),
            "{recoverySleepTime=1, mcastFrequency=1, memberDropTime=1, tcpSecurePort=1, "
            "recoveryCounter=1, tcpListenPort=1, localLoopbackDisabled=1, udpListenPort=1, "
            "tcpListenHost=1, mcastAddress=1, mcastPort=1, recoveryEnabled=1}");
}

TEST(PropertiesText, ItGrowsTwice) {
  std::list<std::string> names;
  std::vector<Property> all;
  for (int i = 0; i < 30; ++i) {
    all.emplace_back(names.emplace_back("name" + std::to_string(i * 7)), std::to_string(i));
  }
  EXPECT_EQ(properties_text(all),
            "{name196=28, name133=19, name112=16, name175=25, name154=22, name119=17, name14=2, "
            "name35=5, name56=8, name77=11, name98=14, name70=10, name91=13, name140=20, "
            "name182=26, name161=23, name189=27, name126=18, name203=29, name105=15, name168=24, "
            "name147=21, name28=4, name49=7, name21=3, name42=6, name7=1, name63=9, name84=12, "
            "name0=0}");
}

}  // namespace
}  // namespace serval::tribes
