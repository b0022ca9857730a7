#include "container/base/uri.h"

#include <gtest/gtest.h>

namespace serval {
namespace {

std::string decoded(std::string_view raw, const PathRules& rules = {}) {
  std::string scratch;
  const auto result = decode_path(raw, rules, scratch);
  return result ? std::string(result->path) : result.error().message;
}

TEST(DecodePath, HandsOutPlainPathsWithoutACopy) {
  std::string scratch;
  for (const std::string_view path : {"/", "/a", "/a/b.txt", "/a/", "/a.b/..c"}) {
    const auto result = decode_path(path, {}, scratch);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->path, path);
  }
  const std::string_view path = "/a/b";
  EXPECT_EQ(decode_path(path, {}, scratch)->path.data(), path.data());
}

TEST(DecodePath, NormalizesAfterRemovingParametersAndDecoding) {
  struct Case {
    std::string_view in, want;
  };
  const Case cases[] = {
      {"//x", "/x"},
      {"/a//b///c", "/a/b/c"},
      {"/a/./b", "/a/b"},
      {"/a/.", "/a/"},
      {"/a/..", "/"},
      {"/a/b/..", "/a/"},
      {"/d/../x", "/x"},
      {"/d/%2e%2e/x", "/x"},
      {"/d/..;p/x", "/x"},
      {"/d/..;p=1;q/x", "/x"},
      {"/a;b=c", "/a"},
      {"/a;x/b;y/", "/a/b/"},
      {"/%41%20b", "/A b"},
      {"/%25", "/%"},
      {"/%c3%a4", "/\xc3\xa4"},
      {"/a/...", "/a/..."},
      {"/.", "/"},
      {"/;x", "/"},
      {"//", "/"},
      {"/a/b/../../c", "/c"},
      {"/%3bx", "/;x"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.in);
    EXPECT_EQ(decoded(c.in), c.want);
  }
}

TEST(DecodePath, RefusesWhatTomcatRefuses) {
  struct Case {
    std::string_view in, want;
  };
  const Case cases[] = {
      {"", "Invalid URI"},
      {"x", "Invalid URI"},
      {"*", "Invalid URI"},
      {"/..", "Invalid URI"},
      {"/../../x", "Invalid URI"},
      {"/a/../../x", "Invalid URI"},
      {"/%2e%2e/x", "Invalid URI"},
      {"/%00", "Invalid URI"},
      {"/a%5cb", "Invalid URI"},
      {"/a\\b", "Invalid URI"},
      {"/a%2fb", "Invalid URI: [The encoded slash character is not allowed]"},
      {"/a%2Fb", "Invalid URI: [The encoded slash character is not allowed]"},
      {"/%zz", "Invalid URI: [The hexadecimal encoding is invalid]"},
      {"/%4", "Invalid URI: [End of file (EOF)]"},
      {"/%", "Invalid URI: [End of file (EOF)]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.in);
    EXPECT_EQ(decoded(c.in), c.want);
  }
}

TEST(DecodePath, FollowsTheConnectorsRules) {
  EXPECT_EQ(decoded("/a%2fb", {.solidus = EncodedSlash::kDecode}), "/a/b");
  EXPECT_EQ(decoded("/a%2f..%2fb", {.solidus = EncodedSlash::kDecode}), "/b");
  EXPECT_EQ(decoded("/a%2fb%25c", {.solidus = EncodedSlash::kPassThrough}), "/a%2fb%25c");
  EXPECT_EQ(decoded("/a%5cb", {.reverse_solidus = EncodedSlash::kPassThrough}), "/a%5cb");
  EXPECT_EQ(decoded("/a%5cb", {.reverse_solidus = EncodedSlash::kReject}),
            "Invalid URI: [The encoded backslash character is not allowed]");
  EXPECT_EQ(decoded("/a%5cb", {.allow_backslash = true}), "/a/b");
  EXPECT_EQ(decoded("/%e4", {.latin1 = true}), "/\xc3\xa4");
}

TEST(DecodePath, FindsTheSessionId) {
  std::string scratch;
  EXPECT_EQ(decode_path("/s;jsessionid=AB.node1", {}, scratch)->session_id, "AB.node1");
  EXPECT_EQ(decode_path("/s;x=1;jsessionid=AB;y/z", {}, scratch)->session_id, "AB");
  EXPECT_EQ(decode_path("/s;JSESSIONID=AB", {}, scratch)->session_id, std::nullopt);
}

TEST(PercentDecode, DecodesFormsAndReportsBrokenEscapes) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
}

}  // namespace
}  // namespace serval
