#include "cluster/tools/text/content_text.h"

#include <gtest/gtest.h>

#include "cluster/tribes/member.h"
#include "tests/support/vector_file.h"

namespace serval::tools {
namespace {

using testing::vector_of;

ContentText text_of(const char* vector, tribes::Options options = 6) {
  return content_text(vector_of(vector).bytes, options);
}

TEST(ContentText, WhatTomcatsLayersSendIsRecognised) {
  struct Case {
    const char* vector;
    tribes::Options options;
    const char *kind, *begin;
  };
  for (const Case& c : {
           Case{"both/sessionmessage-session-created", 8, "session", "SESSION_CREATED "},
           Case{"both/sessionmessage-get-all-sessions", 8, "session", "GET_ALL_SESSIONS "},
           Case{"both/sessionmessage-session-delta", 8, "session", "SESSION_DELTA "},
           Case{"both/sessionmessage-change-session-id", 8, "session", "CHANGE_SESSION_ID "},
           Case{"v9/sessionmessage-all-session-data", 6, "session", "ALL_SESSION_DATA "},
           Case{"both/rpc-request-string", 6, "rpc", "request "},
           Case{"both/rpc-reply-null", 0, "rpc", "answer "},
           Case{"both/rpc-norpcchannelreply", 8, "rpc", "answer "},
           Case{"v9/map-backup", 6, "map", "MSG_BACKUP "},
           Case{"v10/map-state", 6, "map", "MSG_STATE "},
           Case{"v10/rpc-map-init", 2, "rpc", "request "},
           Case{"both/tcpfailuredetector-testdata", 1, "probe", "by TcpFailureDetector"},
           Case{"both/tcpping-data", 0, "ping", "by TcpPingInterceptor"},
           Case{"both/coordinator-request", 2, "coordination", "request leader "},
           Case{"both/coordinator-conf", 2, "coordination", "result leader "},
           Case{"both/twophase-1", 6, "confirm", "message "},
           Case{"both/java-hashmap", 6, "object", "HashMap {"},
           Case{"both/farm-filemessage-tiny", 6, "object",
                "org.apache.catalina.ha.deploy.FileMessage {"},
       }) {
    SCOPED_TRACE(c.vector);
    const ContentText text = text_of(c.vector, c.options);
    EXPECT_EQ(text.kind, c.kind) << text.text;
    EXPECT_TRUE(text.text.starts_with(c.begin)) << text.text;
    EXPECT_EQ(text.text.find("unreadable"), std::string::npos) << text.text;
  }
}

TEST(ContentText, ADeltaIsToldActionByAction) {
  const std::string text = text_of("both/sessionmessage-session-delta").text;
  EXPECT_NE(text.find(": set "), std::string::npos) << text;
}

TEST(ContentText, GzipIsUnpacked) {
  const ContentText text = text_of("both/gzip-5000x", 257);
  EXPECT_EQ(text.kind, "gzip");
  EXPECT_TRUE(text.text.starts_with("4.9 KiB: bytes \"xxx")) << text.text;
}

TEST(ContentText, WhatAnInterceptorPutBehindAnObjectIsNoticed) {
  auto bytes = vector_of("both/java-string").bytes;
  const std::string plain = content_text(bytes, 6).text;
  bytes.insert(bytes.end(), {0, 0, 0, 1});  // the number of OrderInterceptor
  const ContentText text = content_text(bytes, 6);
  EXPECT_EQ(text.kind, "object");
  EXPECT_EQ(text.text, plain + " + bytes that an interceptor put behind");
}

TEST(ContentText, RawBytesAreATextOrHexadecimal) {
  const Bytes text{'h', 'i'}, binary{0, 1};
  EXPECT_EQ(content_text(text, 3).text, "\"hi\"");
  EXPECT_EQ(content_text(text, 3).kind, "bytes");
  EXPECT_EQ(content_text(binary, 6).kind, "unclear");
  EXPECT_EQ(content_text({}, 3).text, "");
}

TEST(ContentText, OptionsKeepBitsWithoutAName) {
  EXPECT_EQ(options_label(6), "6 (sync, use_ack)");
  EXPECT_EQ(options_label(0), "0");
  EXPECT_EQ(options_label(0x102), "258 (use_ack, 0x100)");
  EXPECT_EQ(options_label(-1),
            "-1 (multicast, udp, secure, async, sync, use_ack, byte, 0xffffff80)");
}

}  // namespace
}  // namespace serval::tools
