#include "container/webapp/war_archive.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/support/war_file.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using test::make_war;
using test::TempDir;

TEST(WarArchive, ExtractsFilesAndDirectories) {
  const TempDir dir;
  const std::string large(300'000, 'x');
  const auto war = make_war(dir / "a.war", {{"index.html", "hello"},
                                            {"empty/", ""},
                                            {"./css//site.css", large},
                                            {"WEB-INF/web.xml", "<web-app/>"}});
  auto archive = WarArchive::open(war);
  ASSERT_TRUE(archive) << archive.error().message;
  ASSERT_TRUE(archive->extract_to(dir / "a"));
  EXPECT_EQ(test::read_file(dir / "a/index.html"), "hello");
  EXPECT_EQ(test::read_file(dir / "a/css/site.css"), large);
  EXPECT_EQ(test::read_file(dir / "a/WEB-INF/web.xml"), "<web-app/>");
  EXPECT_TRUE(fs::is_directory(dir / "a/empty"));
}

TEST(WarArchive, ReadsOneEntryWithinItsLimit) {
  const TempDir dir;
  auto archive = WarArchive::open(
      make_war(dir / "a.war", {{"META-INF/context.xml", "<Context/>"}, {"x", "y"}}));
  ASSERT_TRUE(archive);
  EXPECT_TRUE(archive->contains("META-INF/context.xml"));
  EXPECT_FALSE(archive->contains("META-INF"));
  EXPECT_EQ(archive->read("META-INF/context.xml", 1000).value(), "<Context/>");
  EXPECT_EQ(archive->read("nothing", 1000).error().code, Errc::kNotFound);
  EXPECT_NE(archive->read("META-INF/context.xml", 3).error().message.find("limit of 3"),
            std::string::npos);
}

TEST(WarArchive, RefusesAnEntryThatLeavesTheApplication) {
  struct Case {
    test::WarEntry entry;
    std::string want;
  };
  const Case cases[] = {
      {{"../evil.txt", "x"}, "entry [../evil.txt] climbs out of the application, refused"},
      {{"a/../../evil.txt", "x"}, "climbs out"},
      {{"a/..", "x"}, "climbs out"},
      {{"/etc/evil.txt", "x"}, "entry [/etc/evil.txt] is an absolute path, refused"},
      {{"..\\evil.txt", "x"}, "has a backslash, refused"},
      {{"link", "/etc/passwd", 0120777}, "entry [link] is a symbolic link, refused"},
      {{"pipe", "", 0010644}, "is neither file nor directory, refused"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.entry.name);
    const TempDir dir;
    const auto war = make_war(dir / "bad.war", {{"index.html", "fine"}, c.entry});
    auto archive = WarArchive::open(war);
    ASSERT_FALSE(archive);
    EXPECT_EQ(archive.error().code, Errc::kProtocol);
    EXPECT_NE(archive.error().message.find(c.want), std::string::npos) << archive.error().message;
    EXPECT_NE(archive.error().message.find(war.string()), std::string::npos);
  }
}

TEST(WarArchive, RefusesANulInAName) {
  const TempDir dir;
  const auto war = make_war(dir / "bad.war", {{"evil_.jsp", "x"}});
  test::patch_file(war, "evil_.jsp", std::string("evil\0.jsp", 9));
  auto archive = WarArchive::open(war);
  ASSERT_FALSE(archive);
  EXPECT_NE(archive.error().message.find("entry [evil\\0.jsp] has a NUL"), std::string::npos)
      << archive.error().message;
}

TEST(WarArchive, SaysWhatIsWrongWithAFileThatIsNoArchive) {
  const TempDir dir;
  EXPECT_EQ(WarArchive::open(dir / "none.war").error().code, Errc::kNotFound);
  auto text = WarArchive::open(dir.write("text.war", "this is not a ZIP file at all"));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::kProtocol);
  EXPECT_NE(text.error().message.find("Not a zip archive"), std::string::npos)
      << text.error().message;
  EXPECT_FALSE(WarArchive::open(dir.write("empty.war", "")));
  EXPECT_FALSE(WarArchive::open(dir.path()));
}

TEST(WarArchive, RefusesAFileThatWasCutOff) {
  const TempDir dir;
  const auto war = make_war(dir / "a.war", {{"a", std::string(5000, 'a')}, {"b", "b"}});
  const std::string all = test::read_file(war);
  for (const std::size_t keep : {all.size() - 1, all.size() / 2, std::size_t{40}}) {
    SCOPED_TRACE(keep);
    EXPECT_FALSE(WarArchive::open(dir.write("cut.war", all.substr(0, keep))));
  }
}

TEST(WarArchive, LeavesNothingBehindWhenAnEntryIsDamaged) {
  const TempDir dir;
  std::string content;
  for (int i = 0; i < 20'000; ++i) content += std::to_string(i * 7919);
  const auto war = make_war(dir / "a.war", {{"first", "fine"}, {"second", content}});
  std::string all = test::read_file(war);
  for (std::size_t i = 200; i < 260; ++i) all[i] = static_cast<char>(all[i] ^ 0x55);
  auto archive = WarArchive::open(dir.write("a.war", all));
  ASSERT_TRUE(archive) << archive.error().message;
  const auto done = archive->extract_to(dir / "a");
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("entry [second] is damaged"), std::string::npos)
      << done.error().message;
  EXPECT_FALSE(fs::exists(dir / "a"));
}

TEST(WarArchive, KeepsItsLimits) {
  const TempDir dir;
  const auto war = make_war(dir / "a.war", {{"one", "12345"}, {"two", "12345"}});
  struct Case {
    WarLimits limits;
    std::string want;
  };
  const Case cases[] = {
      {{.entries = 1}, "has 2 entries, the limit is 1"},
      {{.entry_bytes = 4}, "entry [one] has 5 bytes, more than the limit of 4"},
      {{.total_bytes = 9}, "would need more than 9 bytes"},
      {{.name_bytes = 2}, "has a name of more than 2 bytes"},
  };
  for (const auto& c : cases) {
    auto archive = WarArchive::open(war, c.limits);
    ASSERT_FALSE(archive);
    EXPECT_NE(archive.error().message.find(c.want), std::string::npos) << archive.error().message;
  }
}

TEST(WarArchive, RefusesAFileWhereADirectoryIsNeeded) {
  const TempDir dir;
  auto archive = WarArchive::open(make_war(dir / "a.war", {{"a", "x"}, {"a/b", "y"}}));
  ASSERT_TRUE(archive);
  EXPECT_FALSE(archive->extract_to(dir / "a"));
  EXPECT_FALSE(fs::exists(dir / "a"));
}

}  // namespace
}  // namespace serval::core
