#include "container/startup/server_libraries.h"

#include <gtest/gtest.h>

#include "container/config/tomcat_names.h"
#include "container/core/request.h"
#include "container/core/response.h"
#include "container/valves/register_valves.h"
#include "tests/support/log_capture.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using Severity = Diagnostics::Severity;

class ServerLibraries : public ::testing::Test {
 protected:
  ServerLibraries() { register_valves(registries_); }

  void put(const std::string& library, const std::string& place) {
    fs::create_directories((dir_ / place).parent_path());
    fs::copy_file(fs::path(SERVAL_TEST_APPS) / library, dir_ / place);
  }
  void load() {
    const Properties properties = Properties::with_defaults(dir_ / "home", dir_ / "base");
    load_server_libraries(properties, work(), registries_, diagnostics_);
  }
  fs::path work() const { return dir_ / "base/work/lib"; }
  std::size_t copies() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(work()), fs::directory_iterator()));
  }
  /// How many entries have all of the texts.
  int count(Severity severity, const std::vector<std::string>& texts) const {
    return static_cast<int>(
        std::ranges::count_if(diagnostics_.entries(), [&](const Diagnostics::Entry& entry) {
          return entry.severity == severity && std::ranges::all_of(texts, [&](const auto& text) {
                   return entry.text.find(text) != std::string::npos;
                 });
        }));
  }
  Result<std::unique_ptr<Valve>> make(const std::string& class_name,
                                      std::vector<Element::Attribute> attributes = {}) {
    Element element;
    element.name = element.path = "Valve";
    element.attributes = std::move(attributes);
    element.attributes.push_back({"className", class_name});
    return registries_.valves.create(element, diagnostics_);
  }

  const TempDir dir_;
  Registries registries_;
  Diagnostics diagnostics_{tomcat_names_9()};
};

TEST_F(ServerLibraries, NeedNotBeThere) {
  load();
  EXPECT_TRUE(diagnostics_.entries().empty());
}

TEST_F(ServerLibraries, BringValves) {
  put("valves.so", "base/lib/valves.so");
  load();
  EXPECT_FALSE(diagnostics_.has_errors());
  auto valve = make("test.Strict", {{"size", "3"}});
  ASSERT_TRUE(valve);
  EXPECT_EQ((*valve)->name(), "Strict");
  Request request;
  Response response;
  (*valve)->invoke(request, response, Next{{}});
  EXPECT_TRUE(response.contains_header("X-Strict"));
}

TEST_F(ServerLibraries, OfTheHomeCountToo) {
  put("valves.so", "home/lib/valves.so");
  load();
  EXPECT_TRUE(make("test.Strict"));
}

TEST_F(ServerLibraries, TheFirstClassOfANameCounts) {
  put("valves.so", "base/lib/a.so");
  put("valves.so", "home/lib/b.so");
  load();
  EXPECT_FALSE(diagnostics_.has_errors());
  const std::string left_out = "is left out, the server has one of this name already";
  EXPECT_EQ(count(Severity::kWarning, {"base/lib/a.so]", "[test.Strict]", left_out}), 0);
  EXPECT_EQ(count(Severity::kWarning, {"home/lib/b.so]", "[test.Strict]", left_out}), 1);
  EXPECT_EQ(count(Severity::kWarning, {"base/lib/a.so]", ".AccessLogValve]", left_out}), 1);
}

TEST_F(ServerLibraries, OfOneFolderAreLoadedOnce) {
  put("valves.so", "base/lib/valves.so");
  fs::create_directory_symlink(dir_ / "base", dir_ / "home");
  load();
  EXPECT_EQ(count(Severity::kWarning, {"[test.Strict]"}), 0);
}

TEST_F(ServerLibraries, SayWhatDoesNotBelongThere) {
  put("valves.so", "base/lib/valves.so");
  load();
  EXPECT_EQ(count(Severity::kWarning, {"valves.so]", "[test.Hello] is left out, it is no valve"}),
            1);
}

/// The lib of /usr/local, for one, is full of other people's libraries.
TEST_F(ServerLibraries, OfOthersAreNotEvenLoaded) {
  put("no_table_app.so", "base/lib/no_table_app.so");
  put("other_version_app.so", "base/lib/other_version_app.so");
  dir_.write("home/lib/text.so", "just some text");
  dir_.write("home/lib/readme.txt", "no library, and nobody says so");
  load();
  EXPECT_EQ(count(Severity::kWarning, {"lib/no_table_app.so] is left out", "no symbol"}), 1);
  EXPECT_EQ(count(Severity::kError,
                  {"lib/other_version_app.so]", "version [" + std::to_string(kApiVersion + 1) + "]",
                   "has version [" + std::to_string(kApiVersion) + "]"}),
            1);
  EXPECT_EQ(count(Severity::kWarning, {"lib/text.so] is left out", "no symbol"}), 1);
  EXPECT_EQ(diagnostics_.entries().size(), 3u);
}

TEST_F(ServerLibraries, MayHaveTheTableAnywhere) {
  constexpr std::size_t kPart = 1 << 20;
  for (const std::size_t before : {kPart - 8, kPart, 2 * kPart - 21, 2 * kPart}) {
    dir_.write("base/lib/" + std::to_string(before) + ".so",
               std::string(before, 'x') + "serval_application_v1");
  }
  load();
  EXPECT_EQ(count(Severity::kError, {"is not an ELF file"}), 4);
}

TEST_F(ServerLibraries, AreLoadedAsLongAsTheirValvesLive) {
  put("valves.so", "base/lib/valves.so");
  dir_.write("base/work/lib/old-1-1.so", "of an earlier run");
  load();
  auto valve = make("test.Strict");
  ASSERT_TRUE(valve);
  registries_ = {};
  EXPECT_EQ(copies(), 1u);
  valve->reset();
  EXPECT_EQ(copies(), 0u);
}

TEST_F(ServerLibraries, PropertiesThatDoNotFitAreWarnings) {
  put("valves.so", "base/lib/valves.so");
  load();
  EXPECT_TRUE(make("test.Strict", {{"colour", "red"}, {"size", "many"}}));
  EXPECT_EQ(count(Severity::kWarning, {"property [colour] to [red]"}), 1);
  EXPECT_EQ(count(Severity::kWarning, {"property [size] to [many]: no number"}), 1);
  EXPECT_FALSE(diagnostics_.has_errors());
}

TEST_F(ServerLibraries, ExceptionsOfValvesDoNotEndTheServer) {
  put("valves.so", "base/lib/valves.so");
  load();
  EXPECT_FALSE(make("test.Thrower"));
  EXPECT_EQ(count(Severity::kError, {"[test.Thrower]", "no coffee"}), 1);
  auto valve = make("test.Strict");
  ASSERT_TRUE(valve);
  const auto started = (*valve)->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "Valve [Strict] failed to start: no paper");
  const test::LogCapture log;
  (*valve)->background_process();
  (*valve)->stop();
  EXPECT_EQ(log.count("jammed"), 2u);
}

}  // namespace
}  // namespace serval::core
