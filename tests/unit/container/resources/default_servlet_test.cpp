#include "container/resources/default_servlet.h"

#include <gtest/gtest.h>

#include "container/base/http_date.h"
#include "tests/support/http_fakes.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace serval::core {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::Exchange;
using Headers = Exchange::Headers;

// 2024-01-02 03:04:04 UTC, in the text of the headers and as a file's time.
constexpr std::int64_t kSeconds = 1704164644;
constexpr std::string_view kEtag = "W/\"10-1704164644000\"";

void set_time(const fs::path& file, std::int64_t seconds = kSeconds) {
  fs::last_write_time(file, fs::file_time_type::clock::from_sys(
                                std::chrono::sys_seconds(std::chrono::seconds(seconds))));
}

/// An application whose default servlet serves a directory with ten.txt ("0123456789").
class DefaultServletTest : public ::testing::Test {
 protected:
  DefaultServletTest() {
    put_file("ten.txt", "0123456789");
    app.classes.servlets["default"] = [this] {
      return std::make_unique<DefaultServlet>(resources, clock);
    };
    app.configure = [this](Context& context) {
      Wrapper::Definition definition;
      definition.servlet_class = "default";
      for (const auto& [name, value] : parameters) definition.init_parameters[name] = value;
      context.add_servlet(std::make_shared<Wrapper>("default", std::move(definition)));
      context.add_mapping("/", "default");
      context.settings.mime_types = {{"txt", "text/plain"}, {"xml", "application/xml"}};
    };
    service.add(app);
  }
  void put_file(std::string_view name, std::string_view content) {
    set_time(dir.write(name, content));
  }
  Exchange& run(Exchange& exchange) {
    if (!std::exchange(started, true)) {
      EXPECT_TRUE(service.start());
    }
    return service.run(exchange);
  }
  std::string get(std::string path, Headers headers = {}, std::string method = "GET") {
    last =
        std::make_unique<Exchange>("/app" + std::move(path), std::move(headers), std::move(method));
    run(*last);
    return std::to_string(last->response.status()) + " " + last->text();
  }

  const test::TempDir dir;
  test::ManualClock clock;
  ResourceSettings resources;
  std::map<std::string, std::string> parameters;
  test::TestService service;
  test::TestApplication app{"app", dir.path()};
  bool started = false;
  std::unique_ptr<Exchange> last;
};

TEST_F(DefaultServletTest, ServesAFileWithItsHeaders) {
  EXPECT_EQ(get("/ten.txt"), "200 0123456789");
  EXPECT_EQ(last->header("ETag"), kEtag);
  EXPECT_EQ(last->header("Last-Modified"), "Tue, 02 Jan 2024 03:04:04 GMT");
  EXPECT_EQ(last->header("Accept-Ranges"), "bytes");
  EXPECT_EQ(last->response.content_type_text(), "text/plain");
  EXPECT_EQ(last->response.declared_length(), 10);
  EXPECT_EQ(get("/ten.txt", {}, "HEAD"), "200 ");
  EXPECT_EQ(last->response.declared_length(), 10);
  EXPECT_EQ(get("/ten.txt", {}, "POST"), "200 0123456789");
}

TEST_F(DefaultServletTest, DoesNotFindWhatIsNotThereOrProtected) {
  put_file("WEB-INF/web.xml", "<web-app/>");
  put_file("META-INF/context.xml", "<Context/>");
  put_file("secret/outside.txt", "x");
  fs::create_symlink(dir / "ten.txt", dir / "link.txt");
  fs::create_directory_symlink(dir / "secret", dir / "linked");
  for (const std::string path :
       {"/none.txt", "/ten.txt/", "/WEB-INF/web.xml", "/web-inf/web.xml", "/META-INF/context.xml",
        "/Meta-Inf", "/link.txt", "/linked/outside.txt", "/TEN.TXT"}) {
    EXPECT_EQ(get(path), "404 ") << path;
  }
}

TEST_F(DefaultServletTest, AnIncludedFileIsPartOfAnotherAnswer) {
  const std::string large(200'000, 'x');
  put_file("large.txt", large);
  std::string part = "/ten.txt";
  app.servlet("page", {"/page"}, [&](serval::Request& request, serval::Response& response) {
    response.write("(");
    request.context().dispatcher(part)->include(request, response);
    response.write(")");
  });
  EXPECT_EQ(get("/page", {{"Range", "bytes=0-1"}, {"If-None-Match", "*"}}), "200 (0123456789)");
  EXPECT_FALSE(last->response.contains_header("ETag"));
  EXPECT_FALSE(last->response.contains_header("Content-Type"));
  part = "/large.txt";
  EXPECT_EQ(get("/page"), "200 (" + large + ")");
  for (const auto* const nothing : {"/none.txt", "/WEB-INF/web.xml"}) {
    part = nothing;
    EXPECT_EQ(get("/page").substr(0, 4), "500 ") << nothing;
  }
}

TEST_F(DefaultServletTest, FollowsLinksIfToldSo) {
  resources.allow_linking = true;
  fs::create_symlink(dir / "ten.txt", dir / "link.txt");
  EXPECT_EQ(get("/link.txt"), "200 0123456789");
}

// What Tomcat 9.0.70 answered to each; where it fails with 500 (a number too large for it), the
// answer is what the number means.
TEST_F(DefaultServletTest, AnswersRangesAsTomcatDoes) {
  const struct {
    std::string range, want, content_range;
  } kCases[] = {
      {"bytes=0-0", "206 0", "bytes 0-0/10"},
      {"bytes=2-4", "206 234", "bytes 2-4/10"},
      {"bytes=5-", "206 56789", "bytes 5-9/10"},
      {"bytes=-3", "206 789", "bytes 7-9/10"},
      {"bytes=-20", "206 0123456789", "bytes 0-9/10"},
      {"bytes=8-99", "206 89", "bytes 8-9/10"},
      {"bytes = 1-2", "206 12", "bytes 1-2/10"},
      {"bytes=1 - 2", "206 12", "bytes 1-2/10"},
      {"Bytes=0-0", "206 0", "bytes 0-0/10"},
      {"bytes=0-99999999999999999999", "206 0123456789", "bytes 0-9/10"},
      {"bytes=10-", "416 ", "bytes */10"},
      {"bytes=3-2", "416 ", "bytes */10"},
      {"bytes=a-b", "416 ", "bytes */10"},
      {"bytes=-", "416 ", "bytes */10"},
      {"bytes=", "416 ", "bytes */10"},
      {"bytes=-0", "416 ", "bytes */10"},
      {"bytes=0-0,20-30", "416 ", "bytes */10"},
      {"bytes=0-0,", "416 ", "bytes */10"},
      {"bytes=1-2-3", "416 ", "bytes */10"},
      {"bytes=+1-2", "416 ", "bytes */10"},
      {"garbage", "416 ", "bytes */10"},
      {"bytes=99999999999999999999-", "416 ", "bytes */10"},
      {"items=0-1", "200 0123456789", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(get("/ten.txt", {{"Range", c.range}}), c.want) << c.range;
    EXPECT_EQ(last->header("Content-Range"), c.content_range) << c.range;
  }
  put_file("empty.txt", "");
  EXPECT_EQ(get("/empty.txt", {{"Range", "bytes=0-1"}}), "200 ");
}

TEST_F(DefaultServletTest, AnswersSeveralRangesInParts) {
  EXPECT_EQ(get("/ten.txt", {{"Range", "bytes=0-0,2-3"}}),
            "206 \r\n--CATALINA_MIME_BOUNDARY\r\nContent-Type: text/plain\r\n"
            "Content-Range: bytes 0-0/10\r\n\r\n0"
            "\r\n--CATALINA_MIME_BOUNDARY\r\nContent-Type: text/plain\r\n"
            "Content-Range: bytes 2-3/10\r\n\r\n23"
            "\r\n--CATALINA_MIME_BOUNDARY--");
  EXPECT_EQ(last->text().size(), 201u) << "Tomcat's Content-Length";
  EXPECT_EQ(last->response.content_type_text(),
            "multipart/byteranges; boundary=CATALINA_MIME_BOUNDARY");
  std::string many = "bytes=0-0";
  for (int i = 0; i < 1000; ++i) many += ",0-9";
  EXPECT_EQ(get("/ten.txt", {{"Range", many}}), "200 0123456789") << "no more than the file";
}

TEST_F(DefaultServletTest, AnswersRangesOfWhatIsNotKeptInMemory) {
  std::string large;
  for (int i = 0; i < 30'000; ++i) large += std::to_string(i) + ",";
  put_file("large.txt", large);
  get("/large.txt");
  ASSERT_TRUE(last->response.file());
  EXPECT_EQ(last->response.file()->length, large.size());
  get("/large.txt", {{"Range", "bytes=100-99999"}});
  ASSERT_TRUE(last->response.file());
  EXPECT_EQ(last->response.file()->offset, 100u);
  EXPECT_EQ(last->response.file()->length, 99'900u);
  const std::string parts = get("/large.txt", {{"Range", "bytes=0-4,100000-100009"}});
  EXPECT_NE(parts.find("\r\n\r\n" + large.substr(100'000, 10) + "\r\n"), std::string::npos);
}

TEST_F(DefaultServletTest, AnswersConditionsAsTomcatDoes) {
  const std::string strong = "\"10-1704164644000\"", weak(kEtag);
  const struct {
    std::string name, value;
    int want;
  } kCases[] = {
      {"If-None-Match", weak, 304},
      {"If-None-Match", strong, 304},
      {"If-None-Match", "*", 304},
      {"If-None-Match", "\"x\", " + weak, 304},
      {"If-None-Match", "\"x\"", 200},
      {"If-None-Match", "x", 400},
      {"If-Match", "*", 200},
      {"If-Match", weak, 412},
      {"If-Match", strong, 412},
      {"If-Match", "\"x\"", 412},
      {"If-Match", "x", 400},
      {"If-Modified-Since", "Tue, 02 Jan 2024 03:04:04 GMT", 304},
      {"If-Modified-Since", "Tuesday, 02-Jan-24 03:04:04 GMT", 304},
      {"If-Modified-Since", "Tue Jan  2 03:04:04 2024", 304},
      {"If-Modified-Since", "Tue, 02 Jan 2024 03:04:03 GMT", 200},
      {"If-Modified-Since", "junk", 200},
      {"If-Unmodified-Since", "Tue, 02 Jan 2024 03:04:04 GMT", 200},
      {"If-Unmodified-Since", "Tue, 02 Jan 2024 03:04:03 GMT", 412},
      {"If-Unmodified-Since", "junk", 200},
  };
  for (const auto& c : kCases) {
    for (const std::string method : {"GET", "HEAD"}) {
      get("/ten.txt", {{c.name, c.value}}, method);
      EXPECT_EQ(last->response.status(), c.want) << method << " " << c.name << ": " << c.value;
      if (c.want != 304) continue;
      EXPECT_EQ(last->header("ETag"), kEtag);
      EXPECT_EQ(last->header("Last-Modified"), "");
      EXPECT_EQ(last->text(), "");
    }
  }
  get("/ten.txt", {{"If-None-Match", weak}}, "POST");
  EXPECT_EQ(last->response.status(), 412);
  get("/ten.txt",
      {{"If-None-Match", "\"x\""}, {"If-Modified-Since", "Tue, 02 Jan 2024 03:04:04 GMT"}});
  EXPECT_EQ(last->response.status(), 200) << "the date does not count beside If-None-Match";
}

TEST_F(DefaultServletTest, AnswersIfRangeAsTomcatDoes) {
  const std::pair<std::string, int> kCases[] = {
      {std::string(kEtag), 206},
      {"\"10-1704164644000\"", 200},
      {"\"x\"", 200},
      {"junk", 200},
      {"Tue, 02 Jan 2024 03:04:04 GMT", 206},
      {"Tue, 02 Jan 2024 03:04:03 GMT", 206},
      {"Tue, 02 Jan 2024 03:04:05 GMT", 206},
      {"Tue, 02 Jan 2024 03:04:01 GMT", 200},
  };
  for (const auto& [value, want] : kCases) {
    get("/ten.txt", {{"If-Range", value}, {"Range", "bytes=0-1"}});
    EXPECT_EQ(last->response.status(), want) << value;
  }
}

TEST_F(DefaultServletTest, RefusesToWriteUnlessToldOtherwise) {
  for (const std::string method : {"PUT", "DELETE"}) {
    EXPECT_EQ(get("/ten.txt", {}, method), "405 ");
    EXPECT_EQ(last->header("Allow"), "OPTIONS, GET, HEAD, POST");
  }
  EXPECT_EQ(get("/ten.txt", {}, "OPTIONS"), "200 ");
  EXPECT_EQ(last->header("Allow"), "OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(get("/ten.txt", {}, "FOO"), "501 ");
  EXPECT_EQ(test::read_file(dir / "ten.txt"), "0123456789");
}

TEST_F(DefaultServletTest, WritesAndRemovesFilesIfToldSo) {
  parameters["readonly"] = "false";
  const auto put = [&](std::string path, std::string body, Headers headers = {}) {
    Exchange e("/app" + path, std::move(headers), "PUT");
    e.set_body(std::move(body), "text/plain");
    return run(e).response.status();
  };
  EXPECT_EQ(put("/new.txt", "new"), 201);
  EXPECT_EQ(get("/new.txt"), "200 new");
  EXPECT_EQ(put("/new.txt", "other"), 204);
  EXPECT_EQ(get("/new.txt"), "200 other") << "not what was kept in memory";
  EXPECT_EQ(put("/new.txt", "X", {{"Content-Range", "bytes 1-1/5"}}), 204);
  EXPECT_EQ(get("/new.txt"), "200 oXher");
  EXPECT_EQ(put("/new.txt", "X", {{"Content-Range", "bytes 5-1/5"}}), 400);
  EXPECT_EQ(put("/none/new.txt", "x"), 409);
  EXPECT_EQ(put("/WEB-INF/web.xml", "x"), 404);
  EXPECT_EQ(get("/new.txt", {}, "DELETE"), "204 ");
  EXPECT_EQ(get("/new.txt"), "404 ");
  EXPECT_EQ(get("/new.txt", {}, "DELETE"), "404 ");
  EXPECT_EQ(get("/ten.txt", {}, "OPTIONS"), "200 ");
  EXPECT_EQ(last->header("Allow"), "OPTIONS, GET, HEAD, POST, PUT, DELETE");
  int left = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(dir.path())) ++left;
  EXPECT_EQ(left, 1) << "no half-written file stays";
}

TEST_F(DefaultServletTest, LeadsFromADirectoryToItsSlash) {
  put_file("d/a.txt", "a");
  EXPECT_EQ(get("/d?q=1"), "302 ");
  EXPECT_EQ(last->header("Location"), "/app/d/?q=1");
  EXPECT_EQ(get("/d/"), "404 ") << "no listing unless told so";
}

TEST_F(DefaultServletTest, HasStrongEtagsAndACharsetIfToldSo) {
  parameters = {{"useStrongETags", "true"}, {"fileEncoding", "UTF-8"}};
  put_file("a.xml", "<a/>");
  put_file("b.bin", "b");
  get("/ten.txt");
  EXPECT_EQ(last->header("ETag"), "\"87acec17cd9dcd20a716cc2cf67417b71c8a7016\"");
  EXPECT_EQ(last->response.content_type_text(), "text/plain;charset=UTF-8");
  get("/a.xml");
  EXPECT_EQ(last->response.content_type_text(), "application/xml;charset=UTF-8");
  get("/b.bin");
  EXPECT_EQ(last->response.content_type_text(), "");
  EXPECT_EQ(get("/ten.txt", {{"If-Match", "\"87acec17cd9dcd20a716cc2cf67417b71c8a7016\""}}),
            "200 0123456789");
}

TEST_F(DefaultServletTest, LooksAtAFileAgainAfterItsTime) {
  EXPECT_EQ(get("/ten.txt"), "200 0123456789");
  put_file("ten.txt", "other");
  EXPECT_EQ(get("/ten.txt"), "200 0123456789") << "kept for cacheTtl";
  clock.advance(5001ms);
  EXPECT_EQ(get("/ten.txt"), "200 other");
  fs::remove(dir / "ten.txt");
  clock.advance(5001ms);
  EXPECT_EQ(get("/ten.txt"), "404 ");
}

TEST_F(DefaultServletTest, KeepsNothingIfToldSo) {
  resources.caching_allowed = false;
  get("/ten.txt");
  ASSERT_TRUE(last->response.file());
  put_file("ten.txt", "other");
  get("/ten.txt");
  EXPECT_EQ(last->response.declared_length(), 5);
}

TEST(StaticFilesCache, StaysWithinItsSize) {
  const test::TempDir dir;
  const test::ManualClock clock;
  StaticFiles::Options options;
  options.resources.cache_max_size_kib = 64;
  const Context context(ContextName::from_base_name("app"), dir.path());
  StaticFiles files(options, context, clock);
  for (int i = 0; i < 40; ++i) {
    const std::string name = "/" + std::to_string(i);
    dir.write(name.substr(1), std::string(4000, 'x'));
    const auto file = files.find(name);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->content->size(), 4000u);
    EXPECT_LE(files.kept_bytes(), 64u * 1024) << i;
  }
  EXPECT_GT(files.kept_bytes(), 32u * 1024);
}

}  // namespace
}  // namespace serval::core
