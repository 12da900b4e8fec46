// A call as SQLite's threads do it: one function over a connection.
#pragma once

#include "store/call_queue.h"
#include "store/sqlite/connection.h"

#include <utility>

namespace mbflow::store::sqlite {

class ConnectionCall : public Call {
 public:
  virtual void run(Connection& db) = 0;  // leaves a result; may be repeated
};

// Of the queues here, which hold no others.
inline void run(Call& call, Connection& db) { static_cast<ConnectionCall&>(call).run(db); }

template <class T>
using CallOf = ResultCall<T, ConnectionCall>;

// Work: a function object `Result<T> (Connection&)` that can be called again.
template <class T, class Work>
class WorkCall final : public CallOf<T> {
 public:
  explicit WorkCall(Work work) : work_(std::move(work)) {}
  void run(Connection& db) override { this->result.emplace(work_(db)); }

 private:
  Work work_;
};

}  // namespace mbflow::store::sqlite
