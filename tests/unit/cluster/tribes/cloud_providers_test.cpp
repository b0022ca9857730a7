// What the providers of CloudMembershipService make of the environment and of the API's answers.
#include <gtest/gtest.h>

#include <map>

#include "cluster/tribes/membership/cloud/cloud_membership_service.h"
#include "cluster/tribes/membership/cloud/kubernetes_settings.h"
#include "cluster/tribes/membership/cloud/membership_provider.h"
#include "cluster/tribes/membership/cloud/pod_list.h"
#include "tests/support/log_capture.h"

namespace serval::tribes {
namespace {

using Variables = std::map<std::string, std::string>;

Environment environment_of(const Variables& variables) {
  return [&variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

std::string hex(const UniqueId& id) {
  std::string text;
  for (const std::uint8_t byte : id) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

TEST(CloudId, IsTheMd5OfTheText) {
  EXPECT_EQ(hex(cloud_id("10.0.0.7")), "00958fd0af98291fdf517e3fe763da5c");
  EXPECT_EQ(hex(cloud_id("")), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(CloudId, AddressesAreWrittenAsJavaWritesThem) {
  EXPECT_EQ(java_address_text({10, 0, 0, 200}), "10.0.0.200");
  Bytes v6(16);
  v6[0] = 0xfd;
  v6[14] = 0x01;
  v6[15] = 0x0a;
  EXPECT_EQ(java_address_text(v6), "fd00:0:0:0:0:0:0:10a");
}

TEST(KubernetesSettings, InAPodTheDefaultsDo) {
  const Variables variables{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                            {"KUBERNETES_SERVICE_PORT", "443"},
                            {"KUBERNETES_NAMESPACE", "shop"}};
  const auto s = kubernetes_settings(environment_of(variables));
  EXPECT_EQ(s.protocol, "https");
  EXPECT_EQ(s.host, "10.96.0.1");
  EXPECT_EQ(s.port, "443");
  EXPECT_EQ(s.target, "/api/v1/namespaces/shop/pods");
  EXPECT_EQ(s.token_file, "/var/run/secrets/kubernetes.io/serviceaccount/token");
  EXPECT_EQ(s.ca_file, "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt");
  EXPECT_TRUE(s.client_certificate_file.empty());
}

TEST(KubernetesSettings, TheNamesOfOpenShiftComeFirst) {
  const Variables variables{{"OPENSHIFT_KUBE_PING_NAMESPACE", "first one"},
                            {"KUBERNETES_NAMESPACE", "second"},
                            {"OPENSHIFT_KUBE_PING_MASTER_PROTOCOL", "http"},
                            {"KUBERNETES_MASTER_PROTOCOL", "https"},
                            {"OPENSHIFT_KUBE_PING_MASTER_HOST", "h1"},
                            {"KUBERNETES_SERVICE_HOST", "h2"},
                            {"OPENSHIFT_KUBE_PING_MASTER_PORT", "1"},
                            {"KUBERNETES_SERVICE_PORT", "2"},
                            {"OPENSHIFT_KUBE_PING_CLIENT_CERT_FILE", "c1"},
                            {"KUBERNETES_CLIENT_CERTIFICATE_FILE", "c2"},
                            {"OPENSHIFT_KUBE_PING_CA_CERT_FILE", "a1"},
                            {"KUBERNETES_CA_CERTIFICATE_FILE", "a2"},
                            {"OPENSHIFT_KUBE_PING_SA_TOKEN_FILE", "t1"},
                            {"SA_TOKEN_FILE", "t2"},
                            {"OPENSHIFT_KUBE_PING_API_VERSION", "v2"},
                            {"KUBERNETES_API_VERSION", "v3"},
                            {"OPENSHIFT_KUBE_PING_LABELS", "app in (a,b)"},
                            {"KUBERNETES_LABELS", "x=y"},
                            {"KUBERNETES_CLIENT_KEY_FILE", "k"},
                            {"KUBERNETES_CLIENT_KEY_PASSWORD", "p"}};
  const auto s = kubernetes_settings(environment_of(variables));
  EXPECT_EQ(s.protocol + s.host + s.port + s.client_certificate_file + s.ca_file + s.token_file,
            "httph11c1a1t1");
  EXPECT_EQ(s.target, "/api/v2/namespaces/first+one/pods?labelSelector=app+in+%28a%2Cb%29");
  EXPECT_EQ(s.client_key_file + s.client_key_password, "kp");
}

TEST(KubernetesSettings, WithoutNamespaceItIsTomcat) {
  const serval::test::LogCapture log;
  const Variables empty{{"OPENSHIFT_KUBE_PING_NAMESPACE", ""}, {"KUBERNETES_NAMESPACE", "second"}};
  EXPECT_EQ(cloud_namespace(environment_of(empty)), "tomcat");  // the first that is set counts
  EXPECT_EQ(log.count("Namespace not set"), 1U);
}

TEST(KubernetesSettings, EncodingIsThatOfForms) {
  EXPECT_EQ(form_encoded("a b&c=d/\xc3\xa9~.-*_"), "a+b%26c%3Dd%2F%C3%A9%7E.-*_");
}

constexpr std::string_view kPod = R"({"kind":"PodList","items":[
  {"metadata":{"name":"a","uid":"u-1","creationTimestamp":"2026-11-21T17:00:00Z"},
   "status":{"phase":"Running","podIP":"10.1.2.3"}}]})";

TEST(PodList, ARunningPodIsAMember) {
  const auto list = parse_pods(kPod);
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->pods.size(), 1U);
  EXPECT_EQ(list->pods[0].ip, (Bytes{10, 1, 2, 3}));
  EXPECT_EQ(list->pods[0].id, cloud_id("u-1"));
  EXPECT_EQ(list->pods[0].created_ms, 1795280400000);
  EXPECT_TRUE(list->problems.empty());
}

TEST(PodList, ReadsEachItemByItself) {
  struct Case {
    std::string_view item, problem;
    std::size_t pods;
  };
  const std::string_view meta =
      R"("metadata":{"name":"a","uid":"u","creationTimestamp":"2026-11-21T17:00:00Z"})";
  const Case cases[] = {
      {R"({"kind":"Pod",META,"status":{"phase":"Running","podIP":"fd00::5"}})", "", 1},
      {R"({"kind":"Service",META,"status":{"phase":"Running","podIP":"10.0.0.1"}})", "", 0},
      {R"({META,"status":{"phase":"Pending"}})", "", 0},
      {R"({META,"status":{"phase":"Running"}})", "podIP", 0},
      {R"({META,"status":{"phase":"Running","podIP":"a.name"}})", "podIP", 0},
      {R"({META,"status":{"phase":"Running","podIP":7}})", "podIP", 0},
      {R"({META})", "status", 0},
      {R"({META,"status":[]})", "status", 0},
      {R"({"status":{"phase":"Running","podIP":"10.0.0.1"}})", "metadata", 0},
      {R"({"metadata":{"creationTimestamp":"2026-11-21T17:00:00Z"},"status":{}})", "name", 0},
      {R"({"metadata":{"name":"a"},"status":{}})", "creationTimestamp", 0},
      {R"({"metadata":{"name":"a","creationTimestamp":"yesterday"},)"
       R"("status":{"phase":"Running","podIP":"10.0.0.1"}})",
       "creationTimestamp", 0},
      {"7", "item", 0},
      {"null", "item", 0},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.item);
    std::string item(one.item);
    if (const auto at = item.find("META"); at != std::string::npos) item.replace(at, 4, meta);
    const auto list = parse_pods(R"({"items":[)" + item + "]}");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->pods.size(), one.pods);
    ASSERT_EQ(list->problems.size(), one.problem.empty() ? 0U : 1U);
    if (!one.problem.empty()) {
      EXPECT_EQ(list->problems[0],
                "Pod is missing some required attributes: [" + std::string(one.problem) + "]");
    }
  }
}

TEST(PodList, WithoutUidTheAddressIsTheId) {
  const auto list =
      parse_pods(R"({"items":[{"metadata":{"name":"a","creationTimestamp":"2026-11-21T17:00:00Z"},)"
                 R"("status":{"phase":"Running","podIP":"10.1.2.3"}}]})");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->pods.size(), 1U);
  EXPECT_EQ(list->pods[0].id, cloud_id("10.1.2.3"));
}

TEST(PodList, WhatIsNoListIsAnError) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"),
        std::string(R"({"items":{}})"), std::string(R"({"items":[})"), std::string("\xff\xfe"),
        R"({"items":)" + deep + "}", std::string(kPod) + "x"}) {
    EXPECT_FALSE(parse_pods(text)) << text.substr(0, 40);
  }
}

TEST(PodList, TheReasonOfARefusal) {
  EXPECT_EQ(refusal_of(R"({"kind":"Status","message":"pods is forbidden"})"), "pods is forbidden");
  EXPECT_EQ(refusal_of("<html>"), "");
}

TEST(Instants, AsKubernetesWritesThem) {
  struct Case {
    std::string_view text;
    std::int64_t ms;  // -1: none
  };
  for (const Case& one :
       {Case{"1970-01-01T00:00:01Z", 1000}, Case{"1970-01-01T00:00:00.5Z", 500},
        Case{"1970-01-01T00:00:00.123456789Z", 123}, Case{"2024-02-29T23:59:59Z", 1709251199000},
        Case{"2023-02-29T00:00:00Z", -1}, Case{"1970-01-01T24:00:00Z", -1},
        Case{"1970-01-01T00:00:00", -1}, Case{"1970-01-01 00:00:00Z", -1},
        Case{"1970-01-01T00:00:00.Z", -1}, Case{"1970-01-01T00:00:00.+1Z", -1}, Case{"", -1}}) {
    const auto ms = instant_ms(one.text);
    EXPECT_EQ(ms ? *ms : -1, one.ms) << one.text;
  }
}

TEST(CloudProviders, ClassesAndShortNames) {
  const std::string package = "org.apache.catalina.tribes.membership.cloud.";
  EXPECT_EQ(*cloud_provider(""), CloudProvider::kKubernetes);
  EXPECT_EQ(*cloud_provider("kubernetes"), CloudProvider::kKubernetes);
  EXPECT_EQ(*cloud_provider(package + "KubernetesMembershipProvider"), CloudProvider::kKubernetes);
  EXPECT_EQ(*cloud_provider("dns"), CloudProvider::kDns);
  EXPECT_EQ(*cloud_provider(package + "DNSMembershipProvider"), CloudProvider::kDns);
  EXPECT_FALSE(cloud_provider("my.Provider"));
}

}  // namespace
}  // namespace serval::tribes
