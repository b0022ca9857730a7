#include "container/config/xml_reader.h"

#include <gtest/gtest.h>

namespace serval {
namespace {

Element parsed(std::string_view text, const XmlOptions& options = {}) {
  auto tree = read_xml(text, "conf/server.xml", options);
  EXPECT_TRUE(tree) << (tree ? "" : tree.error().message);
  return tree ? *tree : Element{};
}

std::string error_of(std::string_view text, const XmlOptions& options = {}) {
  auto tree = read_xml(text, "conf/server.xml", options);
  EXPECT_FALSE(tree) << text;
  return tree ? "" : tree.error().message;
}

TEST(XmlReader, EveryElementKnowsItsPathAndPlace) {
  const Element server = parsed(
      "<?xml version=\"1.0\"?>\n<!-- head -->\n<Server port=\"8005\">\r\n  <Service "
      "name='Catalina'>\n"
      "    <Engine/><Engine/>\n  </Service>\n</Server>\n");
  EXPECT_EQ(server.path, "Server");
  EXPECT_EQ(server.origin.text(), "conf/server.xml:3");
  EXPECT_EQ(server.origin.column, 1);
  ASSERT_EQ(server.children.size(), 1u);
  const Element& service = server.children[0];
  EXPECT_EQ(service.origin.line, 4);
  EXPECT_EQ(service.origin.column, 3);
  ASSERT_EQ(service.children.size(), 2u);
  EXPECT_EQ(service.children[1].path, "Server/Service/Engine");
  EXPECT_EQ(service.children[1].origin.line, 5);
  EXPECT_EQ(service.children[1].origin.column, 14);
}

TEST(XmlReader, KeepsAttributesAndChildrenInDocumentOrder) {
  const Element e = parsed("<a z='1' b='2' y='3'><c/><b/><c/></a>");
  ASSERT_EQ(e.attributes.size(), 3u);
  EXPECT_EQ(e.attributes[0].name, "z");
  EXPECT_EQ(e.attributes[2].value, "3");
  ASSERT_EQ(e.children.size(), 3u);
  EXPECT_EQ(e.children[1].name, "b");
}

TEST(XmlReader, JoinsAndTrimsBodyText) {
  EXPECT_EQ(parsed("<a>\n  one <!-- no --><![CDATA[<two>]]> &amp; three\t</a>").text,
            "one <two> & three");
  EXPECT_EQ(parsed("<a>  \n </a>").text, "");
}

TEST(XmlReader, ResolvesTheEntitiesOfXmlOnly) {
  EXPECT_EQ(*parsed("<a v='&lt;&gt;&amp;&apos;&quot;&#65;&#x20AC;'/>").attribute("v"),
            "<>&'\"A\u20AC");
  EXPECT_NE(error_of("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>")
                .find("entity '&x;' is not known"),
            std::string::npos);
}

TEST(XmlReader, SkipsADocumentTypeAndHandsItOver) {
  std::string doctype;
  const Element e = parsed(
      "<!DOCTYPE web-app PUBLIC \"-//Sun//DTD Web Application 2.3//EN\" 'http://x/>.dtd' [ <!-- ] "
      "--> "
      "<!ELEMENT a ANY> ]><web-app/>",
      {.doctype = &doctype});
  EXPECT_EQ(e.name, "web-app");
  EXPECT_NE(doctype.find("Web Application 2.3"), std::string::npos);
}

TEST(XmlReader, ReplacesPropertiesInValuesAndText) {
  Properties p;
  p.set("port", "81");
  const Element e = parsed("<a port='${port}' x='${no}'>t${port:-9}</a>", {.properties = &p});
  EXPECT_EQ(*e.attribute("port"), "81");
  EXPECT_EQ(*e.attribute("x"), "${no}");
  EXPECT_EQ(e.text, "t81");
}

TEST(XmlReader, ReadsUtf8Latin1AndUtf16) {
  EXPECT_EQ(*parsed("\xEF\xBB\xBF<a v='\xC3\xA4'/>").attribute("v"), "\xC3\xA4");
  const Element latin1 =
      parsed("<?xml version='1.0' encoding='ISO-8859-1'?>\n<a v='\xE4\xE4\xE4'><b/></a>");
  EXPECT_EQ(*latin1.attribute("v"), "\xC3\xA4\xC3\xA4\xC3\xA4");
  EXPECT_EQ(latin1.children[0].origin.line, 2);
  const std::string ascii = "<?xml version='1.0' encoding='UTF-16'?><a v='x'/>";
  std::string utf16 = "\xFF\xFE";
  for (const char c : ascii) (utf16 += c) += '\0';
  EXPECT_EQ(*parsed(utf16).attribute("v"), "x");
}

struct Broken {
  std::string_view name, text;
  int line, column;
  std::string_view why;
};

TEST(XmlReader, SaysWhereAndWhyATextIsNotWellFormed) {
  const Broken cases[] = {
      {"mismatch", "<a>\n  <b>\n</a>", 3, 1, "</a> where <b> of line 2 must be closed first"},
      {"unclosed", "<a>\n<b/>\n", 3, 1, "<a> of line 1 is not closed"},
      {"empty", "", 1, 1, "there is no root element"},
      {"only a comment", "<!-- x -->", 1, 11, "there is no root element"},
      {"text before", "x<a/>", 1, 1, "content before the root element"},
      {"text after", "<a/>\n\nx", 3, 1, "content after the root element"},
      {"two roots", "<a/><b/>", 1, 5, "a second root element"},
      {"same attribute twice", "<a>\n <b x='1' x='2'/></a>", 2, 11, "attribute 'x' stands twice"},
      {"no quotes", "<a x=1/>", 1, 4, "must be in quotes"},
      {"no value", "<a x/>", 1, 4, "attribute 'x' has no value"},
      {"open quote", "<a x='1/>", 1, 4, "is not closed"},
      {"no blank", "<a x='1'y='2'/>", 1, 9, "a blank is missing"},
      {"less in value", "<a x='<'/>", 1, 7, "'<' in the value"},
      {"bare ampersand", "<a>a & b</a>", 1, 6, "'&' must be written as '&amp;'"},
      {"unknown entity", "<a>&nbsp;</a>", 1, 4, "entity '&nbsp;' is not known"},
      {"character 0", "<a>&#0;</a>", 1, 4, "is not a character"},
      {"control character", "<a>\x01</a>", 1, 4, "character 0x01"},
      {"not UTF-8", "<a>\xFF</a>", 1, 4, "the text is not UTF-8"},
      {"open comment", "<a><!-- </a>", 1, 4, "a comment is not closed"},
      {"open CDATA", "<a><![CDATA[ </a>", 1, 4, "a CDATA section is not closed"},
      {"open doctype", "<!DOCTYPE a [<a/>", 1, 1, "the document type is not closed"},
      {"tag at the end", "<a><b", 1, 4, "<b is not closed by '>'"},
      {"end without start", "</a>", 1, 1, "</a> without a start"},
      {"lone less", "<a> < </a>", 1, 5, "'<' must be followed by a name"},
      {"unknown encoding", "<?xml version='1.0' encoding='EBCDIC'?><a/>", 1, 1, "'EBCDIC'"},
  };
  for (const Broken& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string message = error_of(c.text);
    const std::string begin = "conf/server.xml:" + std::to_string(c.line) +
                              ": Parse fatal error at line [" + std::to_string(c.line) +
                              "] column [" + std::to_string(c.column) + "]: ";
    EXPECT_TRUE(message.starts_with(begin)) << message;
    EXPECT_NE(message.find(c.why), std::string::npos) << message;
  }
}

TEST(XmlReader, RefusesWhatIsOverALimit) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<a>";
  EXPECT_NE(error_of(deep).find("nested deeper than 128"), std::string::npos);
  EXPECT_NE(error_of("<a><b/><b/><b/></a>", {.max_elements = 3}).find("more than 3 elements"),
            std::string::npos);
  EXPECT_NE(error_of("<a>0123456789</a>", {.max_bytes = 10}).find("larger than 10 bytes"),
            std::string::npos);
  EXPECT_NE(error_of("<" + std::string(2000, 'a') + "/>").find("longer than 1024"),
            std::string::npos);
}

TEST(XmlReader, NamesAMissingFile) {
  const auto tree = read_xml_file("/nowhere/server.xml");
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, Errc::kNotFound);
  EXPECT_EQ(tree.error().message, "/nowhere/server.xml: no such file");
}

}  // namespace
}  // namespace serval
