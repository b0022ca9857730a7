#include "tests/support/cluster_test.h"

namespace serval::test {

std::string field(const HttpResponse& response, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const std::size_t at = response.body.find(key);
  if (at == std::string::npos) return "";
  const std::size_t start = at + key.size();
  if (response.body[start] != '"') {
    return response.body.substr(start, response.body.find_first_of(",}", start) - start);
  }
  std::string text;
  for (std::size_t i = start + 1; i < response.body.size() && response.body[i] != '"'; ++i) {
    if (response.body[i] == '\\') ++i;
    text += response.body[i];
  }
  return text;
}

HttpResponse DemoUser::ask(const Node& node, const std::string& query) {
  HttpResponse response = browser.get(node.http(), path + "?" + query);
  EXPECT_EQ(response.status, 200) << query << "\n" << response.body;
  return response;
}

bool DemoUser::set(const Node& node, const std::string& key, const std::string& value,
                   const std::string& type) {
  return field(ask(node, "op=set&k=" + key + "&v=" + value + "&t=" + type), "ok") == "true";
}

std::string DemoUser::get(const Node& node, const std::string& key) {
  return field(ask(node, "op=get&k=" + key), "value");
}

std::string DemoUser::peek(const Node& node, const std::string& key) {
  const HttpResponse response = ask(node, "op=get&create=0&k=" + key);
  return field(response, "session") == "null" ? "no session" : field(response, "value");
}

bool DemoUser::eventually_gets(const Node& node, const std::string& key, const std::string& value) {
  return eventually([&] { return peek(node, key) == value; });
}

}  // namespace serval::test
