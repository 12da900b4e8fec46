// A thin layer over one SQLite connection: prepared statements kept by the address of their SQL literal, parameters bound
// by type, failures as Error and as Fault. A connection and its queries belong to one thread at a time.
#pragma once

#include "base/id.h"
#include "base/time.h"

#include <mbflow/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace mbflow::store::sqlite {

// What a failed statement tells about the file, from bad to worse.
enum class Fault : std::uint8_t {
  none,
  statement,  // its own: a constraint, a value too large, no memory
  busy,       // another process holds the write lock
  full,       // disk, quota or max_bytes
  disk,       // reading, writing or syncing failed
  damaged,    // the content is not what SQLite wrote
};

struct Bytes {  // a BLOB; a std::string_view is TEXT
  std::string_view bytes;
};

class Query;

// A new database is for its owner only; SQLite gives the files beside it the same rights. What exists is left alone.
void make_private(const std::string& path);

class Connection {
 public:
  using Blob = Bytes;  // for statements that both databases read (store/sql)
  enum class Mode : std::uint8_t { write, read };
  // Makes the file in write mode. Errors as error().
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Statements without parameters or rows, run once.
  Result<void> execute(const std::string& sql);
  // `sql` is a literal, or lives as long as the connection. The parameters live until the query ends.
  template <class... Parameters>
  [[nodiscard]] Query query(const char* sql, const Parameters&... parameters);
  // The same, run to its end.
  template <class... Parameters>
  Result<void> run(const char* sql, const Parameters&... parameters);
  // The first column of the first row; 0 without one.
  [[nodiscard]] Result<std::int64_t> number(const char* sql);

  [[nodiscard]] int changes() const;  // rows that the last statement inserted, changed or deleted
  [[nodiscard]] std::int64_t last_rowid() const;
  // The worst fault since clear_fault(), and its error.
  [[nodiscard]] Fault fault() const { return fault_; }
  [[nodiscard]] const Error& fault_error() const { return fault_error_; }
  void clear_fault() { fault_ = Fault::none; }
  // Notes the fault of a result code and words it: store.full, store.damaged, store.unavailable, store.statement.
  Error error(int code);
  [[nodiscard]] sqlite3* handle() const { return db_; }

 private:
  friend class Query;
  explicit Connection(sqlite3* db) : db_(db) {}
  [[nodiscard]] sqlite3_stmt* statement(const char* sql);

  sqlite3* db_;
  Fault fault_ = Fault::none;
  Error fault_error_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

// One run of a prepared statement; its end resets it.
class Query {
 public:
  template <class... Parameters>
  Query(Connection& connection, sqlite3_stmt* statement, const Parameters&... parameters)
      : connection_(connection), statement_(statement) {
    if (statement_) (bind(parameters), ...);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // True: there is a row. False: there is none (any more), or it failed: status().
  [[nodiscard]] bool next();
  [[nodiscard]] Result<void> status() const { return error_ ? Result<void>(*error_) : Result<void>(); }

  // Columns of the row, from 0; views are valid until the next step.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
  [[nodiscard]] Timestamp time(int column) const { return Timestamp(Duration(integer(column))); }
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  // A blob of another size than 16 gives nil.
  [[nodiscard]] Uuid uuid(int column) const;
  template <class Id>
  [[nodiscard]] Id id(int column) const {
    return Id(uuid(column));
  }

 private:
  void bind(std::int64_t value);
  void bind(int value) { bind(std::int64_t{value}); }
  void bind(std::uint32_t value) { bind(std::int64_t{value}); }
  void bind(std::size_t value) { bind(static_cast<std::int64_t>(value)); }
  void bind(Timestamp value) { bind(static_cast<std::int64_t>(value.time_since_epoch().count())); }
  void bind(std::string_view text);
  void bind(Bytes blob);
  void bind(const Uuid& id) { bind(Bytes{id.raw()}); }
  void check(int code);

  Connection& connection_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  std::optional<Error> error_;
};

template <class... Parameters>
Query Connection::query(const char* sql, const Parameters&... parameters) {
  return Query(*this, statement(sql), parameters...);
}

template <class... Parameters>
Result<void> Connection::run(const char* sql, const Parameters&... parameters) {
  Query query(*this, statement(sql), parameters...);
  while (query.next()) {
  }
  return query.status();
}

}  // namespace mbflow::store::sqlite
