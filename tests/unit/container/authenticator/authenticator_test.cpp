#include "container/authenticator/authenticator.h"

#include <gtest/gtest.h>

#include "tests/support/http_fakes.h"

namespace serval::core {
namespace {

using test::Exchange;
using test::TestApplication;
using test::TestService;

/// ann:secret has the roles a and b, bob:ö has none.
class TwoUsers final : public Realm {
 public:
  explicit TwoUsers(BaseOptions options) : options_(options) {}
  const BaseOptions& base_options() const override { return options_; }
  PrincipalPtr authenticate(std::string_view user, std::string_view password) override {
    ++asked;
    return (user == "ann" && password == "secret") || (user == "bob" && password == "ö")
               ? find(user)
               : nullptr;
  }
  PrincipalPtr find(std::string_view user) override {
    std::vector<std::string> roles;
    if (user == "ann") roles = {"a", "b"};
    return std::make_shared<Principal>(Principal{std::string(user), {}, std::move(roles)});
  }
  int asked = 0;

 private:
  const BaseOptions options_;
};

const std::string kAnn = "Basic YW5uOnNlY3JldA==";
const std::string kBob = "Basic Ym9iOsO2";

/// An application with one servlet that names the user, an authenticator and constraints.
class Login : public ::testing::Test {
 protected:
  Login() {
    app.servlet("who", {"/*"}, [](serval::Request& request, serval::Response& response) {
      if (request.parameter("session")) request.session(true);
      response.write(std::string(request.remote_user().value_or("nobody")) + " " +
                     std::string(request.auth_type().value_or("-")) +
                     (request.is_user_in_role("a") ? " a" : ""));
    });
    app.configure = [this](Context& c) {
      c.settings.constraints = constraints;
      c.settings.security_roles = defined_roles;
      c.settings.login.realm_name = realm_name;
    };
  }
  void protect(std::string pattern, std::optional<std::vector<std::string>> roles,
               std::string transport = {}) {
    SecurityConstraint c;
    c.collections.push_back({{std::move(pattern)}, {}, {}});
    c.has_auth = roles.has_value();
    if (roles) c.roles = *std::move(roles);
    c.transport = std::move(transport);
    constraints.push_back(std::move(c));
  }
  void start() {
    auto made = std::make_unique<TwoUsers>(realm_options);
    realm = made.get();
    app.context->set_realm(std::move(made));
    auto authenticator = std::make_unique<BasicAuthenticator>(options);
    authenticator->set_preemptive(preemptive);
    app.context->pipeline().add(std::move(authenticator));
    service.add(app);
    ASSERT_TRUE(service.start());
  }
  /// Status and text of one request.
  std::string get(Exchange& e) {
    service.run(e);
    return std::to_string(e.response.status()) + " " + e.text();
  }
  std::string get(std::string path, std::string authorization = {}) {
    Exchange e(std::move(path), authorization.empty()
                                    ? Exchange::Headers{}
                                    : Exchange::Headers{{"Authorization", authorization}});
    return get(e);
  }

  TestService service;
  TestApplication app{"app"};
  std::vector<SecurityConstraint> constraints;
  std::vector<std::string> defined_roles;
  std::string realm_name;
  Realm::BaseOptions realm_options;
  BasicAuthenticator::Options options;
  bool preemptive = false;
  TwoUsers* realm = nullptr;
};

TEST_F(Login, ChallengesThenLetsTheRightUserIn) {
  protect("/p/*", {{"a"}});
  start();
  Exchange e("/app/p/x");
  EXPECT_EQ(get(e), "401 ");
  EXPECT_EQ(e.header("WWW-Authenticate"), "Basic realm=\"Authentication required\"");
  EXPECT_EQ(e.header("Cache-Control"), "private");
  EXPECT_EQ(get("/app/p/x", kAnn), "200 ann BASIC a");
  EXPECT_EQ(get("/app/p/x", "Basic YW5uOndyb25n"), "401 ");
  EXPECT_EQ(get("/app/open"), "200 nobody -");
  EXPECT_EQ(get("/app/open", kAnn), "200 nobody -") << "not asked for, not looked at";
}

TEST_F(Login, NamesRealmAndCharset) {
  protect("/*", {{"a"}});
  realm_name = "Shop";
  options.charset = "UTF-8";
  start();
  Exchange e("/app/");
  get(e);
  EXPECT_EQ(e.header("WWW-Authenticate"), "Basic realm=\"Shop\", charset=UTF-8");
}

TEST_F(Login, RefusesWhoHasNotTheRole) {
  protect("/p/*", {{"a"}});
  start();
  Exchange e("/app/p/x", {{"Authorization", kBob}});
  EXPECT_EQ(get(e), "403 ");
  EXPECT_EQ(e.response.error_text(), "Access to the requested resource has been denied");
}

TEST_F(Login, AnEmptyAuthConstraintLetsNobodyInAndAsksNobody) {
  protect("/p/*", std::vector<std::string>{});
  protect("/p/*", {{"a"}});
  start();
  EXPECT_EQ(get("/app/p/x", kAnn), "403 ");
  EXPECT_EQ(realm->asked, 0);
}

TEST_F(Login, AConstraintWithoutAuthOpensWhatAnotherCloses) {
  protect("/p/*", {{"a"}});
  protect("/p/*", std::nullopt);
  start();
  EXPECT_EQ(get("/app/p/x"), "200 nobody -");
}

TEST_F(Login, TheRoleStarMeansWhatAllRolesModeSays) {
  const struct {
    AllRolesMode mode;
    std::vector<std::string> defined;
    std::string_view ann, bob;
  } kCases[] = {
      {AllRolesMode::kStrict, {"a"}, "200", "403"},
      {AllRolesMode::kStrict, {}, "403", "403"},
      {AllRolesMode::kAuthOnly, {"a"}, "200", "200"},
      {AllRolesMode::kStrictAuthOnly, {"a"}, "200", "403"},
      {AllRolesMode::kStrictAuthOnly, {}, "200", "200"},
  };
  protect("/p/*", {{"*"}});
  start();
  for (const auto& c : kCases) {
    SCOPED_TRACE(static_cast<int>(c.mode));
    app.context->stop();
    defined_roles = c.defined;
    realm_options.all_roles_mode = c.mode;
    app.context->set_realm(std::make_unique<TwoUsers>(realm_options));
    ASSERT_TRUE(app.context->start());
    EXPECT_EQ(get("/app/p/", kAnn).substr(0, 3), c.ann);
    EXPECT_EQ(get("/app/p/", kBob).substr(0, 3), c.bob);
    EXPECT_EQ(get("/app/p/").substr(0, 3), "401");
  }
}

TEST_F(Login, TheRoleStarStarMeansAnybodyWhoIsLoggedIn) {
  protect("/p/*", {{"**"}});
  start();
  EXPECT_EQ(get("/app/p/"), "401 ");
  EXPECT_EQ(get("/app/p/", kBob), "200 bob BASIC");
}

TEST_F(Login, IsKeptInTheSessionUnderANewId) {
  protect("/p/*", {{"a"}});
  start();
  Exchange first("/app/open?session=1");
  get(first);
  const std::string old_id = first.new_session_id();
  ASSERT_FALSE(old_id.empty());
  Exchange login("/app/p/x", {{"Cookie", "JSESSIONID=" + old_id}, {"Authorization", kAnn}});
  EXPECT_EQ(get(login), "200 ann BASIC a");
  const std::string id = login.new_session_id();
  ASSERT_FALSE(id.empty());
  EXPECT_NE(id, old_id);
  Exchange next("/app/p/x", {{"Cookie", "JSESSIONID=" + id}});
  EXPECT_EQ(get(next), "200 ann BASIC a");
  Exchange open("/app/open", {{"Cookie", "JSESSIONID=" + id}});
  EXPECT_EQ(get(open), "200 ann BASIC a") << "known on open pages too";
  Exchange stolen("/app/p/x", {{"Cookie", "JSESSIONID=" + old_id}});
  EXPECT_EQ(get(stolen), "401 ");
  EXPECT_EQ(realm->asked, 1);
}

TEST_F(Login, MakesNoSessionUnlessTold) {
  protect("/p/*", {{"a"}});
  start();
  Exchange e("/app/p/x", {{"Authorization", kAnn}});
  get(e);
  EXPECT_EQ(e.new_session_id(), "");
}

TEST_F(Login, MakesASessionIfTold) {
  options.always_use_session = true;
  protect("/p/*", {{"a"}});
  start();
  Exchange e("/app/p/x", {{"Authorization", kAnn}});
  get(e);
  Exchange next("/app/p/x", {{"Cookie", "JSESSIONID=" + e.new_session_id()}});
  EXPECT_EQ(get(next), "200 ann BASIC a");
}

TEST_F(Login, TakesCredentialsOnOpenPagesWhenPreemptive) {
  preemptive = true;
  protect("/p/*", {{"a"}});
  start();
  EXPECT_EQ(get("/app/open", kAnn), "200 ann BASIC a");
  EXPECT_EQ(get("/app/open"), "200 nobody -");
}

TEST_F(Login, RedirectsToTheSecurePortBeforeItAsksForAUser) {
  protect("/s/*", {{"a"}}, "CONFIDENTIAL");
  realm_options.transport_guarantee_redirect_status = 307;
  start();
  Exchange e("/app/s/x?q=1");
  e.connector.own.redirect_port = 8443;
  get(e);
  EXPECT_EQ(e.response.status(), 307);
  EXPECT_EQ(e.header("Location"), "https://localhost:8443/app/s/x?q=1");
  Exchange standard("/app/s/x");
  standard.connector.own.redirect_port = 443;
  get(standard);
  EXPECT_EQ(standard.header("Location"), "https://localhost/app/s/x");
  Exchange none("/app/s/x");
  none.connector.own.redirect_port = 0;
  EXPECT_EQ(get(none), "403 ");
  Exchange secure("/app/s/x");
  secure.request.secure = true;
  EXPECT_EQ(get(secure), "401 ");
  EXPECT_EQ(realm->asked, 0);
}

TEST_F(Login, KeepsAnIdOfTheAddressWhenItRedirects) {
  protect("/s/*", std::nullopt, "INTEGRAL");
  app.context->options.session_cookie_name = "SHOP";
  start();
  Exchange e("/app/s/x;SHOP=ABC");
  e.connector.own.redirect_port = 8443;
  get(e);
  EXPECT_EQ(e.header("Location"), "https://localhost:8443/app/s/x;SHOP=ABC");
}

TEST_F(Login, PagesAreNotKeptByProxies) {
  options.secure_pages_with_pragma = true;
  protect("/p/*", {{"a"}});
  start();
  Exchange e("/app/p/x", {{"Authorization", kAnn}});
  get(e);
  EXPECT_EQ(e.header("Pragma"), "No-cache");
  EXPECT_EQ(e.header("Cache-Control"), "no-cache");
  EXPECT_EQ(e.header("Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(NonLoginAuthenticator, RefusesWhatNeedsARole) {
  TestService service;
  TestApplication app("app");
  app.servlet("s", {"/*"}, [](auto&, auto&) {});
  app.configure = [](Context& c) {
    c.settings.constraints = {{{{{"/p/*"}, {}, {}}}, true, {"a"}, {}}};
  };
  app.context->set_realm(std::make_unique<TwoUsers>(Realm::BaseOptions{}));
  app.context->pipeline().add(
      std::make_unique<NonLoginAuthenticator>(NonLoginAuthenticator::Options{}));
  service.add(app);
  ASSERT_TRUE(service.start());
  Exchange closed("/app/p/x", {{"Authorization", kAnn}}), open("/app/o");
  service.run(closed);
  service.run(open);
  EXPECT_EQ(closed.response.status(), 403);
  EXPECT_EQ(closed.header("WWW-Authenticate"), "");
  EXPECT_EQ(open.response.status(), 200);
}

// Rows with a user were put to Tomcat 9.0.70's own class.
TEST(BasicCredentials, AreReadAsTomcatReadsThem) {
  const struct {
    std::string_view header, user;
    std::optional<std::string_view> password;
  } kCases[] =
      {
          {"Basic YTpi", "a", "b"},       {"basic YTpi", "a", "b"},
          {"BASIC  YTpi ", "a", "b"},     {"Basic YQ==", "a", std::nullopt},
          {"Basic YTo=", "a", ""},        {"Basic OmI=", "", "b"},
          {"Basic YTpiOmM=", "a", "b:c"}, {"Basic YTpiYg", "a", "bb"},
          {"Basic ", "", std::nullopt},   {"Basic w6Q6w7Y=", "ä", "ö"},
          {"Basic 5Dr2", "ä", "ö"},  // ISO-8859-1, which Tomcat cannot read
      };
  for (const auto& c : kCases) {
    const auto read = parse_basic_credentials(c.header);
    ASSERT_TRUE(read) << c.header;
    EXPECT_EQ(read->user, c.user) << c.header;
    EXPECT_EQ(read->password, c.password) << c.header;
  }
  for (const auto* const wrong : {"", "Basic", "Digest YTpi", "Basic !!!!", "Basic Y", "BasicYTpi"})
    EXPECT_FALSE(parse_basic_credentials(wrong)) << wrong;
  EXPECT_FALSE(parse_basic_credentials("Basic " + std::string(100'000, 'A')));
}

TEST_F(Login, NeedsAColonInTheCredentials) {
  protect("/*", {{"**"}});
  start();
  EXPECT_EQ(get("/app/", "Basic YW5u"), "401 ");
  EXPECT_EQ(realm->asked, 0) << "there is no password to check";
}

}  // namespace
}  // namespace serval::core
