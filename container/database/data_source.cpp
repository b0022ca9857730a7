#include "container/database/data_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace serval::core {
namespace {

constexpr std::chrono::milliseconds kLongestWait{10'000};

/// The class names by which settings for Java call the two drivers.
Result<> check_driver(const std::string& name, DatabaseUrl::Kind kind) {
  constexpr std::string_view kPostgresql = "org.postgresql.Driver", kSqlite = "org.sqlite.JDBC";
  const std::string_view right = kind == DatabaseUrl::Kind::kSqlite ? kSqlite : kPostgresql;
  if (name.empty() || name == right) return {};
  const bool known = name == kPostgresql || name == kSqlite;
  return Error{Errc::kInvalidArgument,
               known
                   ? fmt::format("driver [{}] is not that of this URL, which is [{}]", name, right)
                   : fmt::format("driver [{}] is none that Serval has: [{}] or [{}]", name,
                                 kPostgresql, kSqlite)};
}

}  // namespace

std::span<const Attribute<DataSource::Options>> DataSource::attributes() {
  static const std::array table{
      attribute("driverClassName", &Options::driver_name,
                "org.postgresql.Driver or org.sqlite.JDBC; else the URL decides"),
      attribute("url", &Options::url, "jdbc:postgresql://host:port/database or jdbc:sqlite:FILE"),
      attribute("username", &Options::user, "whom the database knows"),
      secret(attribute("password", &Options::password, "of the user")),
      secret(attribute("connectionProperties", &Options::connection_properties,
                       "name=value;… further parameters of the URL")),
      attribute("maxTotal", &Options::max_total, "most connections, -1 for no limit"),
      attribute("maxActive", &Options::max_total, "old name of maxTotal"),
      attribute("maxIdle", &Options::max_idle, "most connections that are kept unused"),
      attribute("maxWaitMillis", &Options::max_wait, "ms to wait for a free connection"),
      attribute("maxWait", &Options::max_wait, "old name of maxWaitMillis"),
      attribute("validationQuery", &Options::validation_query,
                "asked of each new connection; a lost one is noticed without it"),
  };
  return table;
}

DataSource::DataSource(Options options, std::string place)
    : options_(std::move(options)),
      place_(fmt::format("{} [{}]", place, shown_url(options_.url))) {}

DataSource::~DataSource() = default;

Error DataSource::named(Error error) const {
  // What does not answer in time is as good as not there.
  const Errc code = error.code == Errc::kTimeout ? Errc::kIo : error.code;
  return {code, fmt::format("{}: {}", place_, error.message)};
}

Result<> DataSource::open_now() {
  auto url = parse_database_url(options_.url);
  if (!url) return std::move(url).error();
  if (auto right = check_driver(options_.driver_name, url->kind); !right) return right;
  auto more = parse_parameters(options_.connection_properties, ';');
  if (!more) return std::move(more).error();
  url->parameters.insert(url->parameters.end(), more->begin(), more->end());
  auto database = url->kind == DatabaseUrl::Kind::kSqlite
                      ? open_sqlite(*url)
                      : open_postgresql(*url, {options_.user, options_.password});
  if (!database) return std::move(database).error();
  database_ = *std::move(database);
  return {};
}

Result<> DataSource::open() {
  std::call_once(once_, [this] {
    opened_ = open_now();
    if (!opened_) opened_ = named(opened_.error());
  });
  return opened_;
}

Result<DataSource::ConnectionPtr> DataSource::connect() {
  auto made = database_->connect();
  if (!made || options_.validation_query.empty()) return made;
  auto valid = (*made)->execute(options_.validation_query, {});
  if (valid) return made;
  return Error{Errc::kIo, fmt::format("validationQuery [{}]: {}", options_.validation_query,
                                      valid.error().message)};
}

/// A connection while it is used, or the right to make one.
class DataSource::Lease {
 public:
  explicit Lease(DataSource& source) : source_(source) {}
  ~Lease() { give_back(); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Errors: kIo when none gets free in time, or when somebody else could not connect meanwhile.
  Result<> take() {
    std::unique_lock lock(source_.mutex_);
    const int most = source_.options_.max_total;
    const auto failures = source_.failures_;
    const auto limit =
        std::min(kLongestWait,
                 source_.options_.max_wait.count() < 0 ? kLongestWait : source_.options_.max_wait);
    const bool free = source_.freed_.wait_for(lock, limit, [&] {
      return most < 1 || source_.in_use_ < most || source_.failures_ != failures;
    });
    if (!free) {
      return Error{Errc::kIo, fmt::format("all {} connections are in use for more than {} ms", most,
                                          limit.count())};
    }
    if (source_.failures_ != failures) return Error{Errc::kIo, "cannot connect"};
    ++source_.in_use_;
    held_ = true;
    if (source_.idle_.empty()) return {};
    connection_ = std::move(source_.idle_.back());
    source_.idle_.pop_back();
    return {};
  }
  bool has_connection() const { return connection_ != nullptr; }
  SqlConnection& connection() { return *connection_; }

  Result<> connect() {
    auto made = source_.connect();
    if (made) {
      connection_ = *std::move(made);
      return {};
    }
    const std::lock_guard lock(source_.mutex_);
    ++source_.failures_;
    source_.freed_.notify_all();
    return std::move(made).error();
  }
  /// Where one is lost the others are too.
  void drop() {
    connection_.reset();
    source_.close_idle();
  }

 private:
  void give_back() {
    if (!held_) return;
    if (connection_ && connection_->is_lost()) drop();
    const std::lock_guard lock(source_.mutex_);
    --source_.in_use_;
    const int most = source_.options_.max_idle;
    if (connection_ && (most < 0 || static_cast<int>(source_.idle_.size()) < most))
      source_.idle_.push_back(std::move(connection_));
    source_.freed_.notify_one();
  }

  DataSource& source_;
  ConnectionPtr connection_;
  bool held_ = false;
};

Result<> DataSource::run(const Work& work) {
  if (auto done = open(); !done) return done;
  Lease lease(*this);
  if (auto taken = lease.take(); !taken) return named(std::move(taken).error());
  if (lease.has_connection()) {
    auto done = work(lease.connection());
    if (done) return done;
    if (!lease.connection().is_lost() || done.error().code == Errc::kTimeout)
      return named(std::move(done).error());
    lease.drop();
  }
  if (auto made = lease.connect(); !made) return named(std::move(made).error());
  auto done = work(lease.connection());
  if (!done) return named(std::move(done).error());
  return done;
}

void DataSource::close_idle() {
  std::vector<ConnectionPtr> closing;
  const std::lock_guard lock(mutex_);
  closing.swap(idle_);
}

}  // namespace serval::core
