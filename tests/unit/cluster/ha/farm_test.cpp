#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

#include "cluster/ha/deploy/file_assembly.h"
#include "cluster/ha/deploy/war_file.h"
#include "cluster/ha/deploy/war_watcher.h"
#include "tests/support/temp_dir.h"

namespace serval::ha {
namespace {

using Piece = std::vector<std::uint8_t>;
constexpr std::size_t kFull = FileAssembly::kPieceSize;
const Clock::Time kNow{};

/// An empty but valid ZIP archive, padded in front to `size` bytes.
Piece zip_of(std::size_t size) {
  Piece zip(size);
  const Piece end{'P', 'K', 5, 6};
  std::copy(end.begin(), end.end(), zip.end() - 22);
  return zip;
}

TEST(FileAssembly, TakesPiecesInAnyOrder) {
  const test::TempDir dir;
  auto assembly = FileAssembly::create(dir / "x.war", 3, 1 << 20, kNow);
  ASSERT_TRUE(assembly);
  EXPECT_FALSE(*assembly->write(3, 3, Piece{9, 9}, kNow));
  EXPECT_FALSE(*assembly->write(1, 3, Piece(kFull, 1), kNow));
  EXPECT_TRUE(*assembly->write(2, 3, Piece(kFull, 2), kNow));
  EXPECT_EQ(std::filesystem::file_size(assembly->release()), 2 * kFull + 2);
}

TEST(FileAssembly, EndsWithAnEmptyPieceWhenTheSizeIsAMultiple) {
  const test::TempDir dir;
  auto assembly = FileAssembly::create(dir / "x.war", 2, 1 << 20, kNow);
  EXPECT_FALSE(*assembly->write(1, 2, Piece(kFull, 1), kNow));
  EXPECT_TRUE(*assembly->write(2, 2, Piece{}, kNow));
  EXPECT_EQ(std::filesystem::file_size(assembly->release()), kFull);
}

TEST(FileAssembly, EndsWhenTheArchiveIsWholeAndOnlyTheEmptyPieceIsMissing) {
  const test::TempDir dir;
  auto assembly = FileAssembly::create(dir / "x.war", 2, 1 << 20, kNow);
  EXPECT_TRUE(*assembly->write(1, 2, zip_of(kFull), kNow));
}

TEST(FileAssembly, IgnoresAPieceThatIsThere) {
  const test::TempDir dir;
  auto assembly = FileAssembly::create(dir / "x.war", 2, 1 << 20, kNow);
  EXPECT_FALSE(*assembly->write(1, 2, Piece(kFull, 1), kNow));
  EXPECT_FALSE(*assembly->write(1, 2, Piece(kFull, 7), kNow));
  EXPECT_TRUE(*assembly->write(2, 2, Piece{1}, kNow));
  EXPECT_EQ(test::read_file(assembly->release()).front(), 1);
}

TEST(FileAssembly, RefusesWhatDoesNotFit) {
  const test::TempDir dir;
  auto assembly = FileAssembly::create(dir / "x.war", 3, 1 << 20, kNow);
  EXPECT_FALSE(assembly->write(0, 3, Piece{1}, kNow));
  EXPECT_FALSE(assembly->write(4, 3, Piece{1}, kNow));
  EXPECT_FALSE(assembly->write(1, 4, Piece(kFull, 1), kNow)) << "another total than before";
  EXPECT_FALSE(assembly->write(1, 3, Piece{1}, kNow)) << "only the last piece may be short";
  EXPECT_FALSE(assembly->write(3, 3, Piece(kFull + 1, 1), kNow));
  EXPECT_FALSE(FileAssembly::create(dir / "y.war", 0, 1 << 20, kNow));
  EXPECT_FALSE(FileAssembly::create(dir / "y.war", std::int64_t{1} << 40, 1 << 20, kNow));
  EXPECT_FALSE(std::filesystem::exists(dir / "y.war"));
}

TEST(FileAssembly, LeavesNothingBehindWhenItIsGivenUp) {
  const test::TempDir dir;
  {
    auto assembly = FileAssembly::create(dir / "x.war", 2, 1 << 20, kNow);
    EXPECT_FALSE(*assembly->write(1, 2, Piece(kFull, 1), kNow));
    EXPECT_TRUE(std::filesystem::exists(dir / "x.war"));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "x.war"));
}

TEST(WarFile, KnowsSafeNames) {
  for (const char* good : {"x.war", "a#b##2.war", "ROOT.war", "X.WAR"}) {
    EXPECT_TRUE(is_safe_war_name(good)) << good;
  }
  for (const char* bad : {"", ".war", "../x.war", "a/b.war", "a\\b.war", "x.jar", "x", ".x.war",
                          "a\nb.war", "x..war"}) {
    EXPECT_FALSE(is_safe_war_name(bad)) << bad;
  }
}

TEST(WarFile, DigestIsSha256) {
  const test::TempDir dir;
  const auto digest = digest_of(dir.write("f", "abc"));
  ASSERT_TRUE(digest);
  EXPECT_EQ((*digest)[0], 0xba);
  EXPECT_EQ((*digest)[31], 0xad);
  EXPECT_FALSE(digest_of(dir / "missing"));
}

class WarWatcherTest : public ::testing::Test {
 protected:
  using Names = std::vector<std::string>;

  void put(const std::string& name, const std::string& content, int age_seconds) {
    std::filesystem::last_write_time(dir_.write(name, content),
                                     now_ - std::chrono::seconds(age_seconds));
  }
  Names modified() { return names_of(watcher_.check(now_).modified); }
  Names removed() { return names_of(watcher_.check(now_).removed); }

  const test::TempDir dir_;
  const std::filesystem::file_time_type now_ = std::filesystem::file_time_type::clock::now();
  WarWatcher watcher_{dir_.path()};

 private:
  static Names names_of(const std::vector<std::filesystem::path>& files) {
    Names names;
    for (const auto& file : files) names.push_back(file.filename().string());
    return names;
  }
};

TEST_F(WarWatcherTest, ReportsANewFileOnceAndAgainWhenItChanges) {
  put("x.war", "one", 10);
  EXPECT_EQ(modified(), Names{"x.war"});
  EXPECT_EQ(modified(), Names{});
  put("x.war", "two", 5);
  EXPECT_EQ(modified(), Names{"x.war"});
}

TEST_F(WarWatcherTest, ReportsARemovedFileOnce) {
  put("x.war", "one", 10);
  EXPECT_EQ(modified(), Names{"x.war"});
  std::filesystem::remove(dir_ / "x.war");
  EXPECT_EQ(removed(), Names{"x.war"});
  EXPECT_EQ(removed(), Names{});
}

TEST_F(WarWatcherTest, LeavesAFileAloneThatIsBeingWritten) {
  put("x.war", "on", 0);
  EXPECT_EQ(modified(), Names{});
  put("x.war", "one", 2);
  EXPECT_EQ(modified(), Names{"x.war"});
}

TEST_F(WarWatcherTest, TakesFilesOfTheStartAsKnown) {
  put("x.war", "one", 10);
  watcher_.accept_present();
  EXPECT_EQ(modified(), Names{});
  std::filesystem::remove(dir_ / "x.war");
  EXPECT_EQ(removed(), Names{"x.war"});
}

TEST_F(WarWatcherTest, DoesNotReportWhatCameFromTheFarm) {
  put("farm.war", "content", 10);
  watcher_.came_from_farm("farm.war", *digest_of(dir_ / "farm.war"));
  EXPECT_EQ(modified(), Names{});
  put("farm.war", "content", 5);
  EXPECT_EQ(modified(), Names{}) << "touched, same content";
  put("farm.war", "changed here", 3);
  EXPECT_EQ(modified(), Names{"farm.war"});
}

TEST_F(WarWatcherTest, ReportsThatAFileOfTheFarmWasRemovedHere) {
  put("farm.war", "content", 10);
  watcher_.came_from_farm("farm.war", *digest_of(dir_ / "farm.war"));
  std::filesystem::remove(dir_ / "farm.war");
  EXPECT_EQ(removed(), Names{"farm.war"});
}

TEST_F(WarWatcherTest, DoesNotReportWhatTheFarmRemoved) {
  put("farm.war", "content", 10);
  EXPECT_EQ(modified(), Names{"farm.war"});
  watcher_.removed_by_farm("farm.war");
  std::filesystem::remove(dir_ / "farm.war");
  EXPECT_EQ(removed(), Names{});
}

TEST_F(WarWatcherTest, SeesOnlyWars) {
  put("x.txt", "one", 10);
  put(".x.war.part", "one", 10);
  std::filesystem::create_directory(dir_ / "dir.war");
  EXPECT_EQ(modified(), Names{});
}

}  // namespace
}  // namespace serval::ha
