// A thin layer over one connection to the server: prepared statements kept by the address of their SQL literal,
// parameters and rows in binary, failures as Error and as Fault. It is connected anew by its owner when it was lost. A
// connection and its rows belong to one thread at a time.
#pragma once

#include "store/postgres/address.h"
#include "store/postgres/parameters.h"

#include <memory>
#include <unordered_map>

struct pg_conn;
struct pg_result;

namespace mbflow::store::postgres {

// What a failed statement tells about the transaction, from bad to worse.
enum class Fault : std::uint8_t {
  none,
  statement,  // its own: a value it cannot hold, no memory
  again,      // it collided with another transaction and may be repeated
  full,       // the server's disk
  lost,       // the connection, or the server, or its right to write
};

// The result of one statement.
class Rows {
 public:
  Rows() = default;
  Rows(pg_result* result, std::optional<Error> error) : result_(result), error_(std::move(error)) {}

  // True: there is a row. False: there is none (any more), or it failed: status().
  [[nodiscard]] bool next();
  [[nodiscard]] Result<void> status() const { return error_ ? Result<void>(*error_) : Result<void>(); }
  [[nodiscard]] std::int64_t changes() const;  // rows inserted, changed or deleted
  [[nodiscard]] std::string_view tag() const;  // "COMMIT"

  // Columns of the row, from 0; views are valid while this lives. NULL reads as 0, nil or empty.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
  [[nodiscard]] bool flag(int column) const { return integer(column) != 0; }
  [[nodiscard]] Timestamp time(int column) const { return Timestamp(Duration(integer(column))); }
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] std::string_view text(int column) const { return bytes(column); }
  [[nodiscard]] bool is_null(int column) const;
  template <class Id>
  [[nodiscard]] Id id(int column) const {
    return Id(uuid(column));
  }

 private:
  [[nodiscard]] Uuid uuid(int column) const;
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  std::optional<Error> error_;
  int row_ = -1;
};

class Connection {
 public:
  using Blob = Bytes;  // for statements that both databases read (store/sql)
  Connection(Address address, std::string schema) : address_(std::move(address)), schema_(std::move(schema)) {}
  ~Connection() { disconnect(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Anew, whatever was before. Errors: store.unavailable, store.settings.
  Result<void> connect();
  void disconnect();
  [[nodiscard]] bool connected() const { return connection_ != nullptr; }

  // `sql` is a literal, or lives as long as the connection.
  template <class... Values>
  Rows query(const char* sql, const Values&... values) {
    return perform(sql, Parameters::of(values...));
  }
  template <class... Values>
  Result<void> run(const char* sql, const Values&... values) {
    return perform(sql, Parameters::of(values...)).status();
  }
  // The first column of the first row; 0 without one.
  template <class... Values>
  Result<std::int64_t> number(const char* sql, const Values&... values) {
    auto rows = perform(sql, Parameters::of(values...));
    const auto value = rows.next() ? rows.integer(0) : 0;
    MBF_CHECK(rows.status());
    return value;
  }
  Rows perform(const char* sql, const Parameters& parameters);
  // Statements without parameters or rows, run once.
  Result<void> execute(const std::string& sql);
  // So that it can be sent in a pipeline. The values do not matter.
  Result<void> prepare(const char* sql, const Parameters& parameters);
  [[nodiscard]] bool has_prepared(const char* sql) const { return statements_.contains(sql); }

  // A pipeline: many statements on their way at once, each result read in its turn; after the first that fails the rest
  // is not done, and reads as failed. Only prepared statements.
  void start_pipeline();
  void send(const char* sql, const Parameters& parameters);
  void end_sending();
  [[nodiscard]] Rows receive();
  void end_pipeline();

  // Waits for a notice or any other word from the server, or for `stop_fd`; true: there were notices.
  [[nodiscard]] bool wait_for_notice(int stop_fd, int milliseconds);

  // The worst fault since clear_fault(), and its error.
  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] const Error& fault_error() const { return fault_error_; }
  void clear_fault() { fault_ = Fault::none; }
  [[nodiscard]] const std::string& schema() const { return schema_; }
  [[nodiscard]] std::string quoted_schema();

 private:
  Result<void> set_session();
  [[nodiscard]] Rows rows_of(pg_result* result);
  [[nodiscard]] Error error_of(const pg_result* result);
  [[nodiscard]] Error note(Fault fault, Error error);
  [[nodiscard]] bool wait_for_result();
  [[nodiscard]] std::string last_message() const;

  Address address_;
  std::string schema_;
  pg_conn* connection_ = nullptr;
  Fault fault_ = Fault::none;
  Error fault_error_;
  std::unordered_map<const char*, std::string> statements_;  // their names
};

}  // namespace mbflow::store::postgres
