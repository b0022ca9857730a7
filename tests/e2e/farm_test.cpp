// Feature table 8, and the owner's habit: webapps is the only folder to know.
#include <random>

#include "tests/support/cluster_test.h"
#include "tests/support/test_wars.h"

namespace serval::test {

namespace fs = std::filesystem;

namespace {

HttpResponse page(const Node& node, const std::string& path) {
  return HttpClient(node.http()).get(path);
}

bool eventually_serve(std::initializer_list<const Node*> nodes, const std::string& path,
                      const std::string& body) {
  return eventually([&] {
    for (const Node* node : nodes) {
      if (page(*node, path).body != body) return false;
    }
    return true;
  });
}

bool eventually_gone(std::initializer_list<const Node*> nodes, const std::string& path) {
  return eventually([&] {
    for (const Node* node : nodes) {
      if (page(*node, path).status != 404) return false;
    }
    return true;
  });
}

/// Puts a file into a folder that somebody watches: whole at once.
void drop(const fs::path& file, const fs::path& target) {
  const fs::path hidden = target.parent_path().parent_path() / "dropped";
  fs::copy_file(file, hidden, fs::copy_options::overwrite_existing);
  fs::rename(hidden, target);
}

/// A WAR of exactly this many bytes: the rest is the ZIP's comment.
fs::path war_of_size(const fs::path& file, const std::string& page, std::size_t size) {
  // Up to 65535 bytes fit into the comment; what is above goes into a stored entry of random bytes.
  std::mt19937 random{7};
  std::string noise(size > 60000 ? size - 60000 : 0, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  page_war(file, page, {{"noise", noise}});
  std::string all = read_file(file);
  const std::size_t comment = size - all.size();
  EXPECT_LE(comment, 65535u);
  all[all.size() - 2] = static_cast<char>(comment & 0xFF);
  all[all.size() - 1] = static_cast<char>(comment >> 8);
  all.append(comment, ' ');
  std::ofstream(file, std::ios::binary | std::ios::trunc) << all;
  return file;
}

}  // namespace

class Farm : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    defaults.applications = {{"ROOT", built_war("ROOT")}};
  }
};

TEST_F(Farm, SeedRow083_AChangedWarIsRedeployedEverywhere) {
  Node& a = start(next_kind(), [](NodeOptions& o) { o.farm = "watch"; });
  Node& b = start(next_kind(), [](NodeOptions& o) { o.farm = "follow"; });
  expect_members(a, b);
  drop(page_war(directory() / "1.war", "first"), a.base() / "farm-watch/x.war");
  ASSERT_TRUE(eventually_serve({&a, &b}, "/x/", "first"));
  const fs::path second = page_war(directory() / "2.war", "second");
  fs::last_write_time(second, fs::last_write_time(second) + std::chrono::seconds(5));
  drop(second, a.base() / "farm-watch/x.war");
  EXPECT_TRUE(eventually_serve({&a, &b}, "/x/", "second")) << b.log_tail();
}

TEST_F(Farm, AWarInWebappsOfOneNodeRunsOnAllAndGoesFromAll) {
  defaults.farm = "same";
  Node &a = start(), &b = start(), &c = start();
  expect_members(a, c);
  drop(page_war(directory() / "shop.war", "shop"), a.webapps() / "shop.war");
  ASSERT_TRUE(eventually_serve({&a, &b, &c}, "/shop/", "shop")) << b.log_tail();
  EXPECT_EQ(read_file(b.webapps() / "shop.war"), read_file(directory() / "shop.war"));
  fs::remove(a.webapps() / "shop.war");
  EXPECT_TRUE(eventually_gone({&a, &b, &c}, "/shop/")) << b.log_tail();
  EXPECT_FALSE(fs::exists(b.webapps() / "shop.war"));
  EXPECT_FALSE(fs::exists(b.webapps() / "shop"));
}

TEST_F(Farm, TheOtherNodeMayRemoveWhatTheFirstBrought) {
  defaults.farm = "same";
  Node &a = start(), &b = start();
  expect_members(a, b);
  drop(page_war(directory() / "shop.war", "shop"), a.webapps() / "shop.war");
  ASSERT_TRUE(eventually_serve({&a, &b}, "/shop/", "shop")) << b.log_tail();
  fs::remove(b.webapps() / "shop.war");
  EXPECT_TRUE(eventually_gone({&a, &b}, "/shop/")) << a.log_tail();
}

TEST_F(Farm, FilesOfEverySizeArriveWhole) {
  defaults.farm = "same";
  Node &a = start(), &b = start();
  expect_members(a, b);
  for (const std::size_t size : {10240u, 20480u, 40960u, 40961u, 40959u, 5u * 1024 * 1024}) {
    SCOPED_TRACE(size);
    const std::string name = "w" + std::to_string(size);
    const fs::path war = war_of_size(directory() / (name + ".war"), name, size);
    ASSERT_EQ(fs::file_size(war), size);
    drop(war, a.webapps() / (name + ".war"));
    ASSERT_TRUE(eventually_serve({&a, &b}, "/" + name + "/", name)) << b.log_tail();
    EXPECT_EQ(read_file(b.webapps() / (name + ".war")), read_file(war));
  }
}

TEST_F(Farm, NamesWithSlashesAndVersionsArrive) {
  defaults.farm = "same";
  Node &a = start(), &b = start();
  expect_members(a, b);
  drop(page_war(directory() / "v.war", "two"), a.webapps() / "a#b##2.war");
  EXPECT_TRUE(eventually_serve({&a, &b}, "/a/b/", "two")) << b.log_tail();
  EXPECT_TRUE(fs::exists(b.webapps() / "a#b##2.war"));
}

}  // namespace serval::test
