#include <gtest/gtest.h>

#include "container/resources/default_servlet.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;

/// A directory as it was listed by Tomcat 9.0.70: the expectations are its answers.
class DirectoryListing : public ::testing::Test {
 protected:
  DirectoryListing() {
    dir.write("empty.txt", "");
    dir.write("one.txt", "x");
    dir.write("ten.txt", "0123456789");
    dir.write("kb.txt", std::string(1536, 'x'));
    for (const auto* const name : {"empty.txt", "one.txt", "ten.txt", "kb.txt"}) {
      fs::last_write_time(dir / name, fs::file_time_type::clock::from_sys(
                                          std::chrono::sys_seconds(std::chrono::seconds(9))));
    }
    for (const auto* const name : {"sub", "a b", "Zdir", "WEB-INF", "meta-inf"}) {
      fs::create_directories(dir / name);
    }
  }
  std::string page(std::string_view query, std::string_view path = "/d/") {
    StaticFile directory;
    directory.path = dir.path();
    directory.is_directory = true;
    return directory_listing(directory, path, query, "/p", options);
  }
  /// What the page leads to, in its order.
  std::string links(std::string_view query) {
    const std::string text = page(query);
    std::string all;
    for (auto at = text.find("href=\""); at != std::string::npos; at = text.find("href=\"", at)) {
      at += 6;
      std::string link = text.substr(at, text.find('"', at) - at);
      if (link.starts_with("/p/d/")) link.erase(0, 5);
      all += (all.empty() ? "" : " ") + link;
    }
    return all;
  }
  const test::TempDir dir;
  DefaultServlet::Options options;
};

TEST_F(DirectoryListing, ShowsNamesSizesTimesAndTheWayUp) {
  EXPECT_EQ(links(""), "/p/ Zdir/ a%20b/ empty.txt kb.txt one.txt sub/ ten.txt");
  const std::string text = page("");
  for (const std::string want :
       {"Directory Listing For [/d/] - <a href=\"/p/\"><b>Up To [/]</b></a>", "<tt>0.0 kb</tt>",
        "<tt>0.1 kb</tt>", "<tt>1.4 kb</tt>", "Thu, 01 Jan 1970 00:00:09 GMT", "<h3>Serval"})
    EXPECT_NE(text.find(want), std::string::npos) << want;
  EXPECT_EQ(page("", "/").find("Up To"), std::string::npos);
  EXPECT_NE(page("", "/a/b/").find("<a href=\"/p/a/\"><b>Up To [/a]</b></a>"), std::string::npos);
}

TEST_F(DirectoryListing, IsSortedAsTheAddressSays) {
  options.sort_listings = options.sort_directories_first = true;
  const std::string up = "Zdir/ a%20b/ sub/ ", down = "sub/ a%20b/ Zdir/ ";
  const std::pair<std::string, std::string> kCases[] = {
      {"", "?C=N;O=A ?C=S;O=D ?C=M;O=D " + up + "empty.txt kb.txt one.txt ten.txt"},
      {"C=N;O=A", "?C=N;O=D ?C=S;O=D ?C=M;O=D " + down + "ten.txt one.txt kb.txt empty.txt"},
      {"C=N;O=D", "?C=N;O=A ?C=S;O=D ?C=M;O=D " + up + "empty.txt kb.txt one.txt ten.txt"},
      {"C=S;O=A", "?C=N;O=D ?C=S;O=D ?C=M;O=D " + down + "kb.txt ten.txt one.txt empty.txt"},
      {"C=S;O=D", "?C=N;O=D ?C=S;O=A ?C=M;O=D " + up + "empty.txt one.txt ten.txt kb.txt"},
      {"C=M;O=D", "?C=N;O=D ?C=S;O=D ?C=M;O=A " + up + "empty.txt kb.txt one.txt ten.txt"},
      {"C=S", "?C=N;O=D ?C=S;O=A ?C=M;O=D " + up + "empty.txt one.txt ten.txt kb.txt"},
      {"C=X;O=D", "?C=N;O=A ?C=S;O=D ?C=M;O=D " + up + "empty.txt kb.txt one.txt ten.txt"},
      {"junk", "?C=N;O=A ?C=S;O=D ?C=M;O=D " + up + "empty.txt kb.txt one.txt ten.txt"},
  };
  const auto now = fs::file_time_type::clock::now();
  for (const auto* const name : {"sub", "a b", "Zdir"}) fs::last_write_time(dir / name, now);
  for (const auto& [query, want] : kCases) EXPECT_EQ(links(query), "/p/ " + want) << query;
}

TEST_F(DirectoryListing, CannotBeMadeToSayWhatAFileNameSays) {
  dir.write("<b>\"&'.txt", "x");
  const std::string text = page("", "/<i>/");
  EXPECT_EQ(text.find("<b>\"&"), std::string::npos);
  EXPECT_EQ(text.find("<i>"), std::string::npos);
  EXPECT_NE(text.find("&lt;b&gt;&quot;&amp;"), std::string::npos);
}

TEST_F(DirectoryListing, EndsWithTheReadme) {
  options.readme_file = "README.html";
  options.show_server_info = false;
  dir.write("README.html", "<p>read me</p>");
  EXPECT_NE(page("").find("<p>read me</p>"), std::string::npos);
  EXPECT_EQ(page("").find("Serval"), std::string::npos);
  options.readme_file = "../" + dir.path().filename().string() + "/README.html";
  EXPECT_EQ(page("").find("read me"), std::string::npos);
}

}  // namespace
}  // namespace serval::core
