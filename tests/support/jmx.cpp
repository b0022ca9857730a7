#include "tests/support/jmx.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>

namespace serval::test {

namespace {
std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      out += c;
    } else {
      char hex[4];
      std::snprintf(hex, sizeof hex, "%%%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += hex;
    }
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else if (c != '\r') {
      lines.back() += c;
    }
  }
  return lines;
}

constexpr std::string_view kName = "Name: ";
constexpr const char* kDemoManager = "Catalina:type=Manager,host=localhost,context=/demo";
}  // namespace

std::pair<std::string, std::filesystem::path> manager_application() {
  return {"manager", built_war("manager")};
}

Applications demo_and_manager(Kind kind) {
  return {{"demo", demo_war(kind)}, manager_application()};
}

HttpResponse Jmx::ask(const Parameters& parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) {
    query += (query.empty() ? "?" : "&") + name + "=" + encoded(value);
  }
  // jmx:proxy
  HttpResponse response =
      client_.get("/manager/jmxproxy/" + query, {{"Authorization", "Basic am14OnByb3h5"}});
  EXPECT_EQ(response.status, 200) << query << '\n' << response.body;
  return response;
}

std::string Jmx::get(const std::string& bean, const std::string& attribute) {
  const std::string answer = ask({{"get", bean}, {"att", attribute}}).body;
  const std::string begin = "OK - Attribute get '" + bean + "' - " + attribute + " = ";
  if (!answer.starts_with(begin)) return answer;
  return answer.substr(begin.size(), answer.size() - begin.size() - 1);
}

std::string Jmx::set(const std::string& bean, const std::string& attribute,
                     const std::string& value) {
  return lines_of(ask({{"set", bean}, {"att", attribute}, {"val", value}}).body).front();
}

std::string Jmx::invoke(const std::string& bean, const std::string& operation,
                        const std::optional<std::string>& arguments) {
  Parameters parameters{{"invoke", bean}, {"op", operation}};
  if (arguments) parameters.push_back({"ps", *arguments});
  const std::string answer = ask(parameters).body;
  const std::string begin = "OK - Operation " + operation + " returned:\n";
  if (!answer.starts_with(begin)) return lines_of(answer).front();
  return answer.substr(begin.size(), answer.size() - begin.size() - 1);
}

std::vector<std::string> Jmx::names(const std::string& pattern) {
  std::vector<std::string> names;
  bool begins = false;  // a bean; an attribute may be called Name too
  for (const auto& line : lines_of(ask({{"qry", pattern}}).body)) {
    if (begins && line.starts_with(kName)) names.push_back(line.substr(kName.size()));
    begins = line.empty();
  }
  return names;
}

std::vector<std::pair<std::string, std::string>> Jmx::attributes(const std::string& bean) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto lines = lines_of(ask({{"qry", bean}}).body);
  EXPECT_EQ(lines.front(), "OK - Number of results: 1") << bean;
  for (std::size_t i = 3; i < lines.size(); ++i) {  // behind the name
    const std::size_t colon = lines[i].find(": ");
    if (lines[i].empty() || lines[i][0] == '\t' || lines[i][0] == ' ') continue;
    if (colon != std::string::npos)
      all.emplace_back(lines[i].substr(0, colon), lines[i].substr(colon + 2));
  }
  return all;
}

bool has_session(const Node& node, const std::string& id) {
  const std::string ids = " " + Jmx(node).invoke(kDemoManager, "listSessionIds");
  return !id.empty() && ids.find(" " + id + " ") != std::string::npos;
}

std::string session_attribute(const Node& node, const std::string& id, const std::string& key) {
  return Jmx(node).invoke(kDemoManager, "getSessionAttribute", id + "," + key);
}

}  // namespace serval::test
