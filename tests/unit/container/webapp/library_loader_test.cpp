#include "container/webapp/library_loader.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using test::TempDir;
using Kind = ApplicationTable::Kind;

fs::path app(std::string_view name) { return fs::path(SERVAL_TEST_APPS) / name; }

std::size_t file_count(const fs::path& dir) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

/// A copy of the good library with its ELF header changed.
template <class Change>
fs::path changed_library(const TempDir& dir, Change change) {
  std::string bytes = test::read_file(app("good_app.so"));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  change(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  return dir.write("lib/changed.so", bytes);
}

TEST(ApplicationLibrary, FindsClassesByNameAndKind) {
  const TempDir dir;
  auto library = ApplicationLibrary::load(app("good_app.so"), dir / "work");
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_NE((*library)->find("test.Hello", Kind::kServlet), nullptr);
  EXPECT_EQ((*library)->find("test.Hello", Kind::kFilter), nullptr);
  EXPECT_EQ((*library)->find("test.Nobody", Kind::kServlet), nullptr);
}

TEST(ApplicationLibrary, UsesAPrivateCopyAndRemovesIt) {
  const TempDir dir;
  auto first = ApplicationLibrary::load(app("good_app.so"), dir / "work");
  auto second = ApplicationLibrary::load(app("good_app.so"), dir / "work");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(file_count(dir / "work"), 2u);
  EXPECT_NE((*first)->find("test.Hello", Kind::kServlet)->create,
            (*second)->find("test.Hello", Kind::kServlet)->create)
      << "both use the same code";
  first->reset();
  second->reset();
  EXPECT_EQ(file_count(dir / "work"), 0u);
}

TEST(ApplicationLibrary, SaysInOneLineWhyItCannotBeUsed) {
  const TempDir dir;
  struct Case {
    fs::path file;
    std::string want;
  };
  const Case cases[] = {
      {dir.write("text.so", "just some text, long enough to be a header of anything at all"),
       "is not an ELF file"},
      {dir.write("empty.so", ""), "is not an ELF file"},
      {dir / "nothing.so", "cannot be read"},
      {changed_library(dir, [](auto& h) { h.e_machine = EM_S390; }), "is for IBM Z, this server"},
      {app("other_version_app.so"), "is built for version [" + std::to_string(kApiVersion + 1) +
                                        "] of the application API, this server has version [" +
                                        std::to_string(kApiVersion) + "]"},
      {app("no_table_app.so"), "has no symbol [serval_application_v1]"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.file);
    auto library = ApplicationLibrary::load(c.file, dir / "work");
    ASSERT_FALSE(library);
    EXPECT_NE(library.error().message.find(c.want), std::string::npos) << library.error().message;
    EXPECT_NE(library.error().message.find(c.file.string()), std::string::npos);
    EXPECT_EQ(library.error().message.find('\n'), std::string::npos);
  }
  EXPECT_TRUE(!fs::exists(dir / "work") || file_count(dir / "work") == 0);
}

TEST(ApplicationLibrary, RefusesOtherKindsOfElfFile) {
  const TempDir dir;
  changed_library(dir, [](auto& h) { h.e_type = ET_REL; });
  EXPECT_NE(check_elf(dir / "lib/changed.so").error().message.find("no shared library"),
            std::string::npos);
  changed_library(dir, [](auto& h) { h.e_ident[EI_DATA] ^= 3; });
  EXPECT_NE(check_elf(dir / "lib/changed.so").error().message.find("byte order"),
            std::string::npos);
  changed_library(dir, [](auto& h) { h.e_ident[EI_CLASS] = ELFCLASS32, h.e_machine = EM_386; });
  EXPECT_NE(check_elf(dir / "lib/changed.so").error().message.find("32-bit x86"),
            std::string::npos);
  dir.write("cut.so", test::read_file(app("good_app.so")).substr(0, 40));
  EXPECT_NE(check_elf(dir / "cut.so").error().message.find("cut off"), std::string::npos);
}

TEST(ApplicationClasses, MakeObjectsThatKeepTheirLibrary) {
  const TempDir dir;
  fs::create_directories(dir / "lib");
  fs::copy_file(app("good_app.so"), dir / "lib/good_app.so");
  auto classes = ApplicationClasses::load(dir / "lib", dir / "work");
  ASSERT_TRUE(classes) << classes.error().message;
  EXPECT_TRUE((*classes)->has_filter("test.Marker"));
  EXPECT_TRUE((*classes)->has_listener("test.Greeter"));
  EXPECT_FALSE((*classes)->has_filter("test.Hello"));
  auto servlet = (*classes)->make_servlet("test.Hello");
  ASSERT_TRUE(servlet);
  EXPECT_TRUE((*classes)->make_filter("test.Marker"));
  EXPECT_TRUE((*classes)->make_listener("test.Greeter"));
  classes->reset();
  EXPECT_EQ(file_count(dir / "work"), 1u) << "unloaded under a living servlet";
  servlet->reset();
  EXPECT_EQ(file_count(dir / "work"), 0u);
}

TEST(ApplicationClasses, SayWhatTheyDoNotHave) {
  const TempDir dir;
  auto classes = ApplicationClasses::load(dir / "no-such-lib", dir / "work");
  ASSERT_TRUE(classes);
  EXPECT_EQ((*classes)->make_servlet("demo.Java").error().code, Errc::kNotFound);
  EXPECT_TRUE((*classes)->make_servlet("org.apache.catalina.servlets.DefaultServlet"));
}

TEST(ApplicationClasses, TurnAConstructorsExceptionIntoAnError) {
  const TempDir dir;
  fs::create_directories(dir / "lib");
  fs::copy_file(app("good_app.so"), dir / "lib/good_app.so");
  auto classes = ApplicationClasses::load(dir / "lib", dir / "work");
  auto servlet = (*classes)->make_servlet("test.Thrower");
  ASSERT_FALSE(servlet);
  EXPECT_EQ(servlet.error().code, Errc::kBadState);
  EXPECT_NE(servlet.error().message.find("no coffee"), std::string::npos);
}

TEST(ApplicationClasses, FailAsAWholeWhenOneLibraryIsBad) {
  const TempDir dir;
  fs::create_directories(dir / "lib");
  fs::copy_file(app("good_app.so"), dir / "lib/a.so");
  dir.write("lib/b.so", "bad");
  EXPECT_FALSE(ApplicationClasses::load(dir / "lib", dir / "work"));
  EXPECT_EQ(file_count(dir / "work"), 0u);
}

TEST(ApplicationClasses, ClearWhatAnEarlierRunLeft) {
  const TempDir dir;
  dir.write("work/old-1-1.so", "x");
  ASSERT_TRUE(ApplicationClasses::load(dir / "lib", dir / "work"));
  EXPECT_FALSE(fs::exists(dir / "work/old-1-1.so"));
}

}  // namespace
}  // namespace serval::core
