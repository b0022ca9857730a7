// tests/support/start_page.h
#pragma once
#include <algorithm>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/node.h"

namespace serval::test {

/// What the page of the application ROOT says about a Serval node.
struct StartPage {
  std::vector<std::string> members;     // "127.0.0.1:4000", this node first or not
  std::map<std::string, int> sessions;  // by application name
  static StartPage of(const Node& node) {
    HttpClient client(node.http());
    const std::string body = client.get("/").body;
    StartPage page;
    static const std::regex member("class=\"ok\">([0-9.]+:[0-9]+)</th>");
    static const std::regex application(
        "<a href=\"[^\"]*\">([^<]*)</a></th><td>running, (\\d+) sessions");
    for (std::sregex_iterator it(body.begin(), body.end(), member), end; it != end; ++it) {
      page.members.push_back((*it)[1]);
    }
    for (std::sregex_iterator it(body.begin(), body.end(), application), end; it != end; ++it) {
      page.sessions[(*it)[1]] = std::stoi((*it)[2]);
    }
    return page;
  }
};

}  // namespace serval::test
