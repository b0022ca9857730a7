#include "container/connector/request_head.h"

#include "gtest/gtest.h"

namespace serval::connector {
namespace {

using Outcome = RequestHeadParser::Outcome;

/// A parser with a buffer that grows like a connection's.
class Reader {
 public:
  explicit Reader(HeadRules rules = {}) : rules_(rules), parser_(rules_) {
    memory_.reserve(64 * 1024);  // the parser's views stay
  }
  Outcome feed(std::string_view bytes) {
    memory_.insert(memory_.end(), bytes.begin(), bytes.end());
    return parser_.parse(memory_.data(), memory_.data() + memory_.size());
  }
  RequestHeadParser& operator*() { return parser_; }
  RequestHeadParser* operator->() { return &parser_; }
  std::string field(std::string_view name) {
    for (const auto& f : parser_.head().fields) {
      if (f.name == name) return std::string(f.value);
    }
    return "(none)";
  }

 private:
  HeadRules rules_;
  RequestHeadParser parser_;
  std::vector<char> memory_;
};

TEST(RequestHead, IsReadInOnePiece) {
  Reader reader;
  const std::string_view text =
      "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Two:  a b \t\r\n\r\nrest";
  ASSERT_EQ(reader.feed(text), Outcome::kDone);
  EXPECT_EQ(reader->head().method, "GET");
  EXPECT_EQ(reader->head().target, "/a?b=c");
  EXPECT_EQ(reader->head().protocol, "HTTP/1.1");
  EXPECT_EQ(reader->head().fields.size(), 3U);
  EXPECT_EQ(reader.field("Host"), "h");
  EXPECT_EQ(reader.field("X-Empty"), "");
  EXPECT_EQ(reader.field("X-Two"), "a b");
  EXPECT_EQ(reader->size(), text.size() - 4);
}

TEST(RequestHead, IsTheSameByteByByte) {
  const std::string_view text =
      "\r\n\r\nPOST /x HTTP/1.0\r\nHost: h\r\nFolded: one\r\n  two\r\n\tthree\r\nLast: l\r\n\r\n";
  Reader whole;
  ASSERT_EQ(whole.feed(text), Outcome::kDone);
  Reader reader;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    ASSERT_EQ(reader.feed(text.substr(i, 1)), Outcome::kMore) << i;
  }
  ASSERT_EQ(reader.feed(text.substr(text.size() - 1)), Outcome::kDone);
  for (Reader* r : {&whole, &reader}) {
    EXPECT_EQ((*r)->head().method, "POST");
    EXPECT_EQ((*r)->head().protocol, "HTTP/1.0");
    EXPECT_EQ(r->field("Folded"), "one two\tthree");
    EXPECT_EQ(r->field("Last"), "l");
    EXPECT_EQ((*r)->size(), text.size());
  }
}

TEST(RequestHead, TakesWhatTomcatTakes) {
  const std::string_view cases[] = {
      "\r\n\n\r\nGET / HTTP/1.1\r\n\r\n",  // empty lines in front
      "GET / HTTP/1.1\nHost: h\n\n",       // bare LF
      "GET / HTTP/1.1\r\nHost: h\n\r\n",   // mixed
      "GET  /\t HTTP/1.1\r\n\r\n",         // more blanks
      "get / HTTP/1.1\r\n\r\n",            // methods are case-sensitive, not refused here
      "GET /a/b;c=d?x=/?y HTTP/1.1\r\n\r\n",
      "GET http://h:80/ HTTP/1.1\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nA: \xc3\xa4\r\n\r\n",
  };
  for (const auto text : cases) {
    SCOPED_TRACE(text);
    Reader reader;
    EXPECT_EQ(reader.feed(text), Outcome::kDone) << reader->refusal().message;
    EXPECT_EQ(reader->size(), text.size());
  }
}

TEST(RequestHead, OfHttp09EndsWithItsLine) {
  Reader reader;
  EXPECT_EQ(reader.feed("GET /x"), Outcome::kMore);
  EXPECT_EQ(reader.feed("\r\n"), Outcome::kDone);
  EXPECT_EQ(reader->head().target, "/x");
  EXPECT_EQ(reader->head().protocol, "");
}

TEST(RequestHead, IsRefusedWithTomcatsText) {
  struct Case {
    std::string_view text, message;
  };
  const Case cases[] = {
      {"G@T / HTTP/1.1\r\n\r\n",
       "Invalid character found in method name [G@T]. HTTP method names must be tokens"},
      {"\x16\x03\x01\x02",
       "Invalid character found in method name [0x160x030x010x02]. HTTP method names must be "
       "tokens"},
      {"garbage\r\n",
       "Invalid character found in method name [garbage]. HTTP method names must "
       "be tokens"},
      {"GET /a|b HTTP/1.1\r\n\r\n",
       "Invalid character found in the request target [/a|b]. The valid characters are defined in "
       "RFC 7230 and RFC 3986"},
      {"GET \r\n\r\n",
       "Invalid character found in the request target []. The valid characters are defined in RFC "
       "7230 and RFC 3986"},
      {"GET / http/1.1\r\n\r\n", "Invalid character found in the HTTP protocol [http/1.1]"},
      {"GET /a b HTTP/1.1\r\n\r\n", "Invalid character found in the HTTP protocol [b HTTP/1.1]"},
      {"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
       "The HTTP header line [Bad Name: x] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"GET / HTTP/1.1\r\nName : x\r\n\r\n",
       "The HTTP header line [Name : x] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"GET / HTTP/1.1\r\n: x\r\n\r\n",
       "The HTTP header line [: x] does not conform to RFC 7230. The request has been rejected."},
      {"GET / HTTP/1.1\r\nnocolon\r\n\r\n",
       "The HTTP header line [nocolon] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"GET / HTTP/1.1\r\n folded: first\r\n\r\n",
       "The HTTP header line [ folded: first] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"GET / HTTP/1.1\r\nA: x\x01y\r\n\r\n",
       "The HTTP header line [A: x0x01y] does not conform to RFC 7230. The request has been "
       "rejected."},
      {"GET / HTTP/1.1\r\nA: x\ry\r\n\r\n",
       "The HTTP header line [A: x0x0dy] does not conform to RFC 7230. The request has been "
       "rejected."},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Reader reader;
    EXPECT_EQ(reader.feed(c.text), Outcome::kRefused);
    EXPECT_EQ(reader->refusal().status, 400);
    EXPECT_EQ(reader->refusal().message, c.message);
  }
}

TEST(RequestHead, RefusesEveryCharacterThatATargetMayNotHold) {
  for (int c = 1; c < 256; ++c) {
    const char character = static_cast<char>(c);
    if (std::string_view(" \t\r\n").find(character) != std::string_view::npos) continue;
    const std::string text = std::string("GET /") + character + " HTTP/1.1\r\n\r\n";
    const bool refused =
        c <= 32 || c >= 127 ||
        std::string_view("\"#<>[\\]^`{|}").find(character) != std::string_view::npos;
    Reader reader;
    EXPECT_EQ(reader.feed(text), refused ? Outcome::kRefused : Outcome::kDone) << c;
  }
}

TEST(RequestHead, FollowsRelaxedCharactersPerPart) {
  HeadRules rules;
  rules.path_chars.add("|");
  rules.query_chars.add("[]");
  Reader path(rules), query(rules), wrong(rules);
  EXPECT_EQ(path.feed("GET /a|b HTTP/1.1\r\n\r\n"), Outcome::kDone);
  EXPECT_EQ(query.feed("GET /?a[]=b HTTP/1.1\r\n\r\n"), Outcome::kDone);
  EXPECT_EQ(wrong.feed("GET /?a|b HTTP/1.1\r\n\r\n"), Outcome::kRefused);
}

TEST(RequestHead, MayDropBadHeaderLines) {
  Reader reader({.reject_illegal_header = false});
  ASSERT_EQ(reader.feed("GET / HTTP/1.1\r\nBad Name: x\r\nGood: y\r\n\r\n"), Outcome::kDone);
  EXPECT_EQ(reader->head().fields.size(), 1U);
  EXPECT_EQ(reader.field("Good"), "y");
}

TEST(RequestHead, HasALimitOfFields) {
  std::string text = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) text += "a: b\r\n";
  Reader fits, too_many, unlimited({.max_fields = -1});
  EXPECT_EQ(fits.feed(text + "\r\n"), Outcome::kDone);
  EXPECT_EQ(too_many.feed(text + "a: b\r\n\r\n"), Outcome::kRefused);
  EXPECT_EQ(too_many->refusal().message,
            "More than the maximum allowed number of headers, [100], were detected.");
  EXPECT_EQ(unlimited.feed(text + text.substr(16) + "\r\n"), Outcome::kDone);
}

TEST(RequestHead, HasALimitOfBytes) {
  const auto of_size = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nA: ";
    return text + std::string(size - text.size() - 4, 'x') + "\r\n\r\n";
  };
  Reader fits({.max_bytes = 100}), over({.max_bytes = 100}), open({.max_bytes = 100});
  EXPECT_EQ(fits.feed(of_size(100) + "the body does not count"), Outcome::kDone);
  EXPECT_EQ(over.feed(of_size(101)), Outcome::kRefused);
  EXPECT_EQ(over->refusal().message, "Request header is too large");
  EXPECT_EQ(open.feed("GET /" + std::string(95, 'x')), Outcome::kRefused);
}

TEST(RequestHead, StartsAgainAfterReset) {
  Reader reader;
  ASSERT_EQ(reader.feed("GET /1 HTTP/1.1\r\nA: b\r\n\r\n"), Outcome::kDone);
  EXPECT_TRUE(reader->has_begun());
  reader->reset();
  EXPECT_FALSE(reader->has_begun());
  std::string next = "GET /2 HTTP/1.1\r\n\r\n";
  ASSERT_EQ(reader->parse(next.data(), next.data() + next.size()), Outcome::kDone);
  EXPECT_EQ(reader->head().target, "/2");
  EXPECT_TRUE(reader->head().fields.empty());
}

}  // namespace
}  // namespace serval::connector
