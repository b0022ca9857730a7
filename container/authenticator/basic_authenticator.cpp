#include <fmt/format.h>
#include <openssl/evp.h>
#include <strings.h>

#include "container/authenticator/authenticator.h"
#include "container/config/text_file.h"
#include "container/core/request.h"
#include "container/core/response.h"

namespace serval::core {
namespace {

constexpr std::string_view kScheme = "basic ";
constexpr std::size_t kMaxHeader = 65536;

std::string as_utf8(const std::string& bytes) {
  return first_bad_utf8(bytes) == std::string_view::npos ? bytes : utf8_from_latin1(bytes);
}

}  // namespace

std::span<const Attribute<BasicAuthenticator::Options>> BasicAuthenticator::attributes() {
  static const auto table = with_secure_random(authenticator_attributes<Options>({
      Attribute<Options>{"charset", "UTF-8: say so in the challenge",
                         [](Options& o, std::string_view text) -> Result<> {
                           if (!text.empty() && text != "UTF-8")
                             return Error{Errc::kInvalidArgument, "only UTF-8 is possible"};
                           o.charset = text;
                           return {};
                         }},
      attribute("trimCredentials", &Options::trim_credentials,
                "drop white space around user and password"),
  }));
  return table;
}

Result<BasicCredentials> parse_basic_credentials(std::string_view header) {
  if (header.size() > kMaxHeader || header.size() < kScheme.size() ||
      ::strncasecmp(header.data(), kScheme.data(), kScheme.size()) != 0)
    return Error{Errc::kInvalidArgument, "Authorization header method is not \"Basic\""};
  std::string code(trimmed(header.substr(kScheme.size())));
  while (code.ends_with('=')) code.pop_back();
  if (code.size() % 4 == 1)
    return Error{Errc::kInvalidArgument, "Basic Authorization credentials are not Base64"};
  const std::size_t padding = (4 - code.size() % 4) % 4;
  code.append(padding, '=');
  std::string bytes(code.size() / 4 * 3, '\0');
  if (!code.empty()) {
    const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                  reinterpret_cast<const unsigned char*>(code.data()),
                                  static_cast<int>(code.size()));
    if (n < 0)
      return Error{Errc::kInvalidArgument, "Basic Authorization credentials are not Base64"};
    bytes.resize(static_cast<std::size_t>(n) - padding);
  }
  const std::string text = as_utf8(bytes);
  const std::size_t colon = text.find(':');
  BasicCredentials credentials{text.substr(0, colon), {}};
  if (colon != std::string::npos) credentials.password = text.substr(colon + 1);
  return credentials;
}

bool BasicAuthenticator::brings_credentials(const Request& request) const {
  const auto header = request.header("Authorization");
  return header && ::strncasecmp(std::string(header->substr(0, kScheme.size())).c_str(),
                                 kScheme.data(), kScheme.size()) == 0;
}

bool BasicAuthenticator::check_credentials(Request& request) {
  Realm* const users = realm();
  const auto header = request.header("Authorization");
  if (!header || !users) return false;
  auto credentials = parse_basic_credentials(*header);
  if (!credentials || !credentials->password) return false;
  std::string user = std::move(credentials->user), password = *std::move(credentials->password);
  if (options_->trim_credentials) {
    user = trimmed(user);
    password = trimmed(password);
  }
  const auto principal = users->authenticate(user, password);
  if (!principal) return false;
  register_user(request, principal, "BASIC", {std::move(user), std::move(password)});
  return true;
}

bool BasicAuthenticator::log_in(Request& request, Response& response) {
  if (has_user(request) || check_credentials(request)) return true;
  const std::string& own_name = context().settings.login.realm_name;
  std::string challenge =
      fmt::format("Basic realm=\"{}\"", own_name.empty() ? "Authentication required" : own_name);
  const std::string& charset = options_->charset;
  if (!charset.empty()) challenge += fmt::format(", charset={}", charset);
  response.set_header("WWW-Authenticate", challenge);
  response.send_error(401, {});
  return false;
}

}  // namespace serval::core
