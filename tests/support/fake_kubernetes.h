// tests/support/fake_kubernetes.h
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace serval::test {

/// Keys and certificates that `openssl` makes: one authority, what it signed, and a stranger.
class Certificates {
 public:
  Certificates();
  std::string authority() const { return file("ca.crt"); }
  std::string stranger() const { return file("stranger.crt"); }  // another authority
  std::string certificate(const std::string& name) const { return file(name + ".crt"); }
  std::string key(const std::string& name) const { return file(name + ".key"); }
  /// A pair signed by the authority for a host: "IP:127.0.0.1", "DNS:api".
  void sign(const std::string& name, const std::string& host);
  const TempDir& directory() const { return directory_; }

 private:
  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  void make_authority(const std::string& name);
  TempDir directory_;
};

/// The part of the Kubernetes API that lists pods, by HTTPS on a port of 127.0.0.1.
///
/// Threads: any; the server has one of its own.
class FakeKubernetes {
 public:
  struct Options {
    std::string certificate, key;
    std::string client_authority;  // set: clients must show a certificate of this authority
    bool tls = true;
  };
  explicit FakeKubernetes(const Options& options);
  ~FakeKubernetes();

  int port() const { return port_; }
  /// The variables that lead a node here.
  std::map<std::string, std::string> environment() const;

  struct Pod {
    std::string ip, uid, phase = "Running", created = "2026-11-21T10:00:00Z";
  };
  void set_pods(const std::vector<Pod>& pods);
  void set_answer(std::string body, int status = 200);
  /// Only requests with this token are answered, others get 401. Empty: no token is needed.
  void set_token(std::string token);
  /// Keeps answers back.
  void hang(bool on) { hanging_ = on; }

  /// Nothing listens any more, until up(), at the same port.
  void down();
  void up();

  std::size_t requests() const { return requests_; }
  std::size_t refused() const { return refused_; }
  std::string last_target() const;

 private:
  class Server;
  struct Answer {
    int status = 200;
    std::string body;
  };
  Answer answer_to(const std::string& target, const std::string& authorization);

  const Options options_;
  int port_ = 0;
  mutable std::mutex mutex_;
  Answer answer_;               // guarded by mutex_
  std::string token_, target_;  // guarded by mutex_
  std::atomic<std::size_t> requests_{0}, refused_{0};
  std::atomic<bool> hanging_{false};
  std::unique_ptr<Server> server_;
};

}  // namespace serval::test
