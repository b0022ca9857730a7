#include "container/connector/http11_options.h"

#include "container/config/tomcat_names.h"
#include "container/connector/register_connectors.h"
#include "gtest/gtest.h"

namespace serval::connector {
namespace {

Element connector_element(std::vector<Element::Attribute> attributes) {
  Element element;
  element.name = "Connector";
  element.path = "Server/Service/Connector";
  element.attributes = std::move(attributes);
  element.origin.file = std::make_shared<std::string>("server.xml");
  element.origin.line = 7;
  return element;
}

TEST(Http11Options, HaveTomcatsDefaultsAndFollowEachOther) {
  const Http11Options options;
  EXPECT_EQ(options.idle_timeout(), std::chrono::seconds(60));
  EXPECT_EQ(options.request_header_limit(), 8192U);
  Diagnostics diagnostics(tomcat_names_9());
  const Http11Options set =
      read_http11_options(connector_element({{"port", "8080"},
                                             {"protocol", "HTTP/1.1"},
                                             {"connectionTimeout", "20000"},
                                             {"maxHttpHeaderSize", "16384"},
                                             {"maxHttpResponseHeaderSize", "9000"},
                                             {"redirectPort", "8443"},
                                             {"maxParameterCount", "1000"},
                                             {"minSpareThreads", "5"},
                                             {"relaxedQueryChars", "[]"},
                                             {"encodedSolidusHandling", "decode"}}),
                          diagnostics);
  EXPECT_TRUE(diagnostics.entries().empty()) << diagnostics.entries().front().text;
  EXPECT_EQ(set.port, 8080);
  EXPECT_EQ(set.idle_timeout(), std::chrono::seconds(20));
  EXPECT_EQ(set.request_header_limit(), 16384U);
  EXPECT_EQ(set.response_header_limit(), 9000U);
  EXPECT_EQ(set.settings.redirect_port, 8443);
  EXPECT_EQ(set.settings.max_parameter_count, 1000);
  EXPECT_TRUE(set.head_rules().query_chars.contains('['));
  EXPECT_FALSE(set.head_rules().path_chars.contains('['));
  EXPECT_EQ(set.request_rules().path.solidus, EncodedSlash::kDecode);
}

TEST(Http11Options, NameWhatIsWrong) {
  Diagnostics diagnostics(tomcat_names_9());
  read_http11_options(connector_element({{"maxThreads", "abc"},
                                         {"maxThread", "1"},
                                         {"relaxedPathChars", "|x"},
                                         {"encodedSolidusHandling", "maybe"}}),
                      diagnostics);
  ASSERT_EQ(diagnostics.entries().size(), 4U);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_NE(diagnostics.entries()[1].text.find("did you mean 'maxThreads'"), std::string::npos)
      << diagnostics.entries()[1].text;
}

TEST(Http11Options, DoNotServeInTheClearWhatAsksForTls) {
  Diagnostics diagnostics(tomcat_names_9());
  read_http11_options(connector_element({{"SSLEnabled", "true"}}), diagnostics);
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Http11Options, AreRegisteredUnderEveryHttpName) {
  Registry<core::Connector> connectors;
  register_connectors(connectors);
  Diagnostics diagnostics(tomcat_names_9());
  for (const std::string_view name : {"HTTP/1.1", "org.apache.coyote.http11.Http11NioProtocol",
                                      "org.apache.coyote.http11.Http11AprProtocol"}) {
    auto made = connectors.create(connector_element({{"port", "8080"}}), diagnostics, name);
    ASSERT_TRUE(made) << name;
    EXPECT_EQ((*made)->name(), "http-nio-8080");
  }
  EXPECT_FALSE(diagnostics.has_errors());
}

}  // namespace
}  // namespace serval::connector
