// The Kubernetes provider against an API by HTTPS on 127.0.0.1.
#include <gtest/gtest.h>

#include <map>

#include "cluster/tribes/membership/cloud/kubernetes_membership_provider.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_kubernetes.h"
#include "tests/support/log_capture.h"
#include "tests/support/process.h"

namespace serval::tribes {
namespace {

using serval::test::Certificates;
using serval::test::FakeKubernetes;
using std::chrono::milliseconds;

class CloudApi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    certificates_ = new Certificates;
    certificates_->sign("api", "IP:127.0.0.1");
    certificates_->sign("elsewhere", "DNS:elsewhere.example");
    certificates_->sign("client", "DNS:client");
  }
  static void TearDownTestSuite() {
    delete certificates_;
    certificates_ = nullptr;
  }

  void start_api(const std::string& certificate = "api", const std::string& clients_of = "",
                 bool tls = true) {
    api = std::make_unique<FakeKubernetes>(FakeKubernetes::Options{
        certificates_->certificate(certificate), certificates_->key(certificate), clients_of, tls});
    variables = api->environment();
    variables["KUBERNETES_CA_CERTIFICATE_FILE"] = certificates_->authority();
    variables["SA_TOKEN_FILE"] = write_token("first\n");
    api->set_pods({{"127.0.0.1", "self"}, {"127.0.0.2", "other"}});
  }
  std::string write_token(const std::string& token) {
    return directory.write("token", token).string();
  }
  KubernetesMembershipProvider provider(milliseconds read_timeout = serval::test::kPatience) {
    return {[this](const char* name) {
              const auto found = variables.find(name);
              return found == variables.end() ? nullptr : found->second.c_str();
            },
            serval::test::kPatience, read_timeout};
  }
  static Member local() {
    Member member;
    member.host = {127, 0, 0, 1};
    member.port = 4000;
    return member;
  }
  /// What a look fails with.
  std::string failure(KubernetesMembershipProvider asked) {
    const auto view = asked.fetch(local());
    return view ? "" : view.error().message;
  }

  static Certificates* certificates_;
  serval::test::TempDir directory;
  std::unique_ptr<FakeKubernetes> api;
  std::map<std::string, std::string> variables;
};
Certificates* CloudApi::certificates_ = nullptr;

TEST_F(CloudApi, PodsBecomeMembers) {
  start_api();
  api->set_token("first");
  variables["KUBERNETES_LABELS"] = "app=shop";
  auto asked = provider();
  const auto view = asked.fetch(local());
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(api->last_target(), "/api/v1/namespaces/shop/pods?labelSelector=app%3Dshop");
  EXPECT_EQ(view->local_id, cloud_id("self"));
  ASSERT_EQ(view->members.size(), 1U);
  EXPECT_EQ(view->members[0].address_text(), "127.0.0.2:4000");
  EXPECT_EQ(view->members[0].id, cloud_id("other"));
}

TEST_F(CloudApi, AChangedTokenIsReadAgain) {
  start_api();
  api->set_token("first");
  auto asked = provider();
  ASSERT_TRUE(asked.fetch(local()));
  api->set_token("second");
  write_token("second");
  ASSERT_TRUE(asked.fetch(local()));

  // The same time of change: only the refusal tells.
  const auto time = std::filesystem::last_write_time(directory / "token");
  write_token("third");
  std::filesystem::last_write_time(directory / "token", time);
  api->set_token("third");
  EXPECT_TRUE(asked.fetch(local()));
  EXPECT_LE(api->refused(), 1U + 1U);

  // A file that is gone for a moment changes nothing.
  std::filesystem::remove(directory / "token");
  EXPECT_TRUE(asked.fetch(local()));
}

TEST_F(CloudApi, ARefusalNamesTheReasonAndNotTheToken) {
  start_api();
  api->set_token("another");
  const std::string why = failure(provider());
  EXPECT_NE(why.find("status [401]"), std::string::npos) << why;
  EXPECT_NE(why.find("Unauthorized"), std::string::npos) << why;
  EXPECT_EQ(why.find("first"), std::string::npos) << why;
}

TEST_F(CloudApi, AnUnknownAuthorityIsRefused) {
  start_api();
  variables["KUBERNETES_CA_CERTIFICATE_FILE"] = certificates_->stranger();
  const std::string why = failure(provider());
  EXPECT_NE(why.find("the server's certificate is refused"), std::string::npos) << why;
  EXPECT_NE(why.find(certificates_->stranger()), std::string::npos) << why;
  EXPECT_EQ(api->requests(), 0U) << "the token must not travel";
}

TEST_F(CloudApi, ACertificateForAnotherHostIsRefused) {
  start_api("elsewhere");
  const std::string why = failure(provider());
  EXPECT_NE(why.find("IP address mismatch"), std::string::npos) << why;
  EXPECT_EQ(api->requests(), 0U);
}

TEST_F(CloudApi, FilesThatAreMissingAreNamed) {
  start_api();
  variables["KUBERNETES_CA_CERTIFICATE_FILE"] = "/nowhere/ca.crt";
  EXPECT_NE(failure(provider()).find("/nowhere/ca.crt"), std::string::npos);
  variables["SA_TOKEN_FILE"] = "/nowhere/token";
  EXPECT_NE(failure(provider()).find("/nowhere/token"), std::string::npos);
}

TEST_F(CloudApi, AClientCertificateTakesTheTokensPlace) {
  start_api("api", certificates_->authority());
  EXPECT_NE(failure(provider()), "") << "the API wants a certificate";
  variables["KUBERNETES_CLIENT_CERTIFICATE_FILE"] = certificates_->certificate("client");
  variables["KUBERNETES_CLIENT_KEY_FILE"] = certificates_->key("client");
  variables["SA_TOKEN_FILE"] = "/nowhere/token";
  EXPECT_EQ(failure(provider()), "");
  variables["KUBERNETES_CLIENT_KEY_FILE"] = "/nowhere/client.key";
  EXPECT_NE(failure(provider()).find("/nowhere/client.key"), std::string::npos);
}

TEST_F(CloudApi, AnEncryptedKeyIsOpenedByItsPassword) {
  start_api("api", certificates_->authority());
  const std::string locked = (directory / "locked.key").string();
  const auto made =
      serval::test::run_command({"openssl", "pkey", "-in", certificates_->key("client"), "-aes256",
                                 "-passout", "pass:open", "-out", locked});
  ASSERT_EQ(made.status, 0) << made.output;
  variables["KUBERNETES_CLIENT_CERTIFICATE_FILE"] = certificates_->certificate("client");
  variables["KUBERNETES_CLIENT_KEY_FILE"] = locked;
  variables["KUBERNETES_CLIENT_KEY_PASSWORD"] = "open";
  EXPECT_EQ(failure(provider()), "");
  variables["KUBERNETES_CLIENT_KEY_PASSWORD"] = "wrong";
  EXPECT_NE(failure(provider()).find(locked), std::string::npos);
}

TEST_F(CloudApi, WithoutTlsThereIsAWarning) {
  start_api("api", "", false);
  variables["KUBERNETES_MASTER_PROTOCOL"] = "http";
  const serval::test::LogCapture log;
  EXPECT_EQ(failure(provider()), "");
  EXPECT_EQ(log.count("without TLS"), 1U);
}

TEST_F(CloudApi, AnApiThatIsAwayOrSilentIsAnError) {
  start_api();
  api->hang(true);
  EXPECT_NE(failure(provider(milliseconds(100))).find("no answer in time"), std::string::npos);
  api->hang(false);
  api->down();
  EXPECT_NE(failure(provider()).find("connect"), std::string::npos);
  api->up();
  EXPECT_EQ(failure(provider()), "");
  api->set_answer("{\"items\":", 200);
  EXPECT_NE(failure(provider()).find("JSON error"), std::string::npos);
  variables.erase("KUBERNETES_SERVICE_HOST");
  EXPECT_NE(failure(provider()).find("KUBERNETES_SERVICE_HOST"), std::string::npos);
}

TEST_F(CloudApi, AProblemOfAPodIsToldOnce) {
  start_api();
  api->set_pods({{"127.0.0.2", "other"}, {"no address", "strange"}});
  const serval::test::LogCapture log;
  auto asked = provider();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(asked.fetch(local()));
  EXPECT_EQ(log.count("missing some required attributes: [podIP]"), 1U) << log.text();
}

}  // namespace
}  // namespace serval::tribes
