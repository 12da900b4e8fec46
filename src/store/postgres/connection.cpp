#include "store/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <array>

namespace mbflow::store::postgres {

namespace {

constexpr int binary_rows = 1;

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) line.push_back(c == '\n' ? ' ' : c);
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

bool is_one_of(std::string_view state, std::initializer_list<std::string_view> states) {
  return std::ranges::find(states, state) != states.end();
}

Fault fault_of(std::string_view state) {
  // Serialization, deadlock, a lock waited for too long, and two that made the same thing at once.
  if (is_one_of(state, {"40001", "40P01", "55P03", "23505"})) return Fault::again;
  if (state == "53100") return Fault::full;
  // The server ends, has begun again, is no longer the one that may write, or has room for no more connections.
  if (state.starts_with("08") || is_one_of(state, {"57P01", "57P02", "57P03", "25006", "53300"})) return Fault::lost;
  return Fault::statement;
}

Error error_for(Fault fault, const std::string& why) {
  switch (fault) {
    case Fault::lost:
      return fail(Kind::unavailable, "store.unavailable",
                  "the database is out of reach (" + why + "); try again in a moment");
    case Fault::again:
      return fail(Kind::unavailable, "store.unavailable", "the database is busy (" + why + "); try again");
    case Fault::full:
      return fail(Kind::unavailable, "store.full",
                  "the database is full (" + why + "); free space, work goes on by itself");
    default:
      return fail(Kind::internal, "store.statement", "the database refused a statement (" + why + ")");
  }
}

std::string_view field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

}  // namespace

void Connection::disconnect() {
  if (connection_) PQfinish(connection_);
  connection_ = nullptr;
  statements_.clear();
}

Result<void> Connection::connect() {
  disconnect();
  // Before the URL: what it may say otherwise. Behind it: what it may not. A machine that is gone is noticed in 20 s.
  static constexpr std::array keywords = {"fallback_application_name", "connect_timeout",
                                          "keepalives_idle",           "keepalives_interval",
                                          "keepalives_count",          "tcp_user_timeout",
                                          "target_session_attrs",      "dbname",
                                          "client_encoding",           static_cast<const char*>(nullptr)};
  const std::array values = {"mbflow",     "5",
                             "10",         "5",
                             "2",          "20000",
                             "read-write", address_.url().c_str(),
                             "UTF8",       static_cast<const char*>(nullptr)};
  constexpr int expand_url = 1;
  connection_ = PQconnectdbParams(keywords.data(), values.data(), expand_url);
  if (PQstatus(connection_) != CONNECTION_OK) {
    auto error = note(Fault::lost, error_for(Fault::lost, last_message()));
    disconnect();
    return error;
  }
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  auto ready = set_session();
  if (!ready) disconnect();
  return ready;
}

Result<void> Connection::set_session() {
  MBF_CHECK(run("SELECT set_config('search_path', $1, false)", quoted_schema()));
  // A weaker synchronous_commit than this would confirm what a power cut takes back; a stronger one is the owner's
  // wish. A transaction whose client is gone must not keep its locks for hours.
  MBF_CHECK(execute(
      "SET default_transaction_isolation = 'read committed'; SET lock_timeout = '10s'; SET statement_timeout = 0; "
      "SET idle_in_transaction_session_timeout = '3s'; SET tcp_keepalives_idle = 10; "
      "SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2"));
  return run(
      "SELECT set_config('synchronous_commit', 'on', false) "
      "WHERE current_setting('synchronous_commit') IN ('off', 'local')");
}

std::string Connection::quoted_schema() {
  char* quoted = PQescapeIdentifier(connection_, schema_.data(), schema_.size());
  std::string name = quoted ? quoted : "";
  PQfreemem(quoted);
  return name;
}

Rows Connection::perform(const char* sql, const Parameters& parameters) {
  if (!connection_) return {nullptr, note(Fault::lost, error_for(Fault::lost, "not connected"))};
  if (auto prepared = prepare(sql, parameters); !prepared) return {nullptr, prepared.error()};
  return rows_of(PQexecPrepared(connection_, statements_[sql].c_str(), parameters.size(), parameters.values(),
                                parameters.lengths(), parameters.formats(), binary_rows));
}

Result<void> Connection::execute(const std::string& sql) {
  if (!connection_) return note(Fault::lost, error_for(Fault::lost, "not connected"));
  return rows_of(PQexec(connection_, sql.c_str())).status();
}

Result<void> Connection::prepare(const char* sql, const Parameters& parameters) {
  if (statements_.contains(sql)) return {};
  auto name = "s" + std::to_string(statements_.size());
  MBF_CHECK(rows_of(PQprepare(connection_, name.c_str(), sql, parameters.size(), parameters.types())).status());
  statements_.emplace(sql, std::move(name));
  return {};
}

void Connection::start_pipeline() {
  if (!connection_) return;
  PQenterPipelineMode(connection_);
  PQsetnonblocking(connection_, 1);  // a server that waits for us to read must not find us waiting for it to read
}

void Connection::send(const char* sql, const Parameters& parameters) {
  if (!connection_) return;
  const auto statement = statements_.find(sql);
  const char* name = statement == statements_.end() ? "" : statement->second.c_str();
  const int sent = PQsendQueryPrepared(connection_, name, parameters.size(), parameters.values(), parameters.lengths(),
                                       parameters.formats(), binary_rows);
  if (sent == 0) (void)note(Fault::lost, error_for(Fault::lost, last_message()));
}

void Connection::end_sending() {
  if (connection_ && PQpipelineSync(connection_) == 0) (void)note(Fault::lost, error_for(Fault::lost, last_message()));
}

bool Connection::wait_for_result() {
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return false;
    if (PQisBusy(connection_) == 0) return true;
    pollfd socket{.fd = PQsocket(connection_), .events = POLLIN, .revents = 0};
    if (unsent > 0) socket.events |= POLLOUT;
    if (::poll(&socket, 1, -1) < 0 && errno != EINTR) return false;
    if (PQconsumeInput(connection_) == 0) return false;
  }
}

Rows Connection::receive() {
  if (fault_ == Fault::lost || !connection_) return {nullptr, fault_error_};
  if (!wait_for_result()) return {nullptr, note(Fault::lost, error_for(Fault::lost, last_message()))};
  auto rows = rows_of(PQgetResult(connection_));
  if (fault_ != Fault::lost && wait_for_result()) PQclear(PQgetResult(connection_));  // the null behind each result
  return rows;
}

void Connection::end_pipeline() {
  if (fault_ == Fault::lost || !connection_) return disconnect();
  const bool read = wait_for_result();
  pg_result* end = read ? PQgetResult(connection_) : nullptr;
  const bool synced = end && PQresultStatus(end) == PGRES_PIPELINE_SYNC;
  PQclear(end);
  if (synced && PQexitPipelineMode(connection_) == 1 && PQsetnonblocking(connection_, 0) == 0) return;
  (void)note(Fault::lost, error_for(Fault::lost, last_message()));
  disconnect();
}

bool Connection::wait_for_notice(int stop_fd, int milliseconds) {
  std::array<pollfd, 2> waited = {
      pollfd{.fd = connection_ ? PQsocket(connection_) : -1, .events = POLLIN, .revents = 0},
      pollfd{.fd = stop_fd, .events = POLLIN, .revents = 0}};
  if (::poll(waited.data(), waited.size(), milliseconds) <= 0 || waited[0].revents == 0 || !connection_) return false;
  if (PQconsumeInput(connection_) == 0) {
    (void)note(Fault::lost, error_for(Fault::lost, last_message()));
    disconnect();
    return false;
  }
  bool any = false;
  while (auto* notice = PQnotifies(connection_)) {
    any = true;
    PQfreemem(notice);
  }
  return any;
}

Rows Connection::rows_of(pg_result* result) {
  const auto status = PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return {result, std::nullopt};
  auto error = error_of(result);
  Rows rows(result, std::move(error));
  if (fault_ == Fault::lost && PQpipelineStatus(connection_) == PQ_PIPELINE_OFF) disconnect();
  return rows;
}

Error Connection::error_of(const pg_result* result) {
  if (result && PQresultStatus(result) == PGRES_PIPELINE_ABORTED) return fault_error_;
  const auto state = result ? field(result, PG_DIAG_SQLSTATE) : "";
  // The primary message alone: the detail may quote what was written.
  std::string why =
      state.empty() ? last_message() : one_line(field(result, PG_DIAG_MESSAGE_PRIMARY)) + ", " + std::string(state);
  const bool gone = state.empty() || PQstatus(connection_) == CONNECTION_BAD;
  const auto fault = gone ? Fault::lost : fault_of(state);
  return note(fault, error_for(fault, address_.without_secrets(std::move(why))));
}

Error Connection::note(Fault fault, Error error) {
  if (fault > fault_) {
    fault_ = fault;
    fault_error_ = error;
  }
  return error;
}

std::string Connection::last_message() const { return address_.without_secrets(one_line(PQerrorMessage(connection_))); }

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

bool Rows::next() { return result_ && !error_ && ++row_ < PQntuples(result_.get()); }

std::int64_t Rows::changes() const {
  const std::string_view count = result_ ? PQcmdTuples(result_.get()) : "";
  std::int64_t number = 0;
  std::from_chars(count.data(), count.data() + count.size(), number);
  return number;
}

std::string_view Rows::tag() const { return result_ ? PQcmdStatus(result_.get()) : ""; }

bool Rows::is_null(int column) const { return PQgetisnull(result_.get(), row_, column) != 0; }

std::string_view Rows::bytes(int column) const {
  return {PQgetvalue(result_.get(), row_, column), static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

std::int64_t Rows::integer(int column) const {
  const auto value = bytes(column);
  std::uint64_t number = value.empty() || static_cast<unsigned char>(value[0]) < 0x80 ? 0 : ~std::uint64_t{0};
  for (const char byte : value) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

Uuid Rows::uuid(int column) const {
  Uuid id;
  const auto value = bytes(column);
  if (value.size() == id.bytes.size()) std::ranges::copy(value, reinterpret_cast<char*>(id.bytes.data()));
  return id;
}

}  // namespace mbflow::store::postgres
