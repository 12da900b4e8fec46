// A call as the threads of this folder do it: a function of its own over a connection, or one statement that shares a
// transaction with its neighbours.
#pragma once

#include "store/call_queue.h"
#include "store/postgres/connection.h"

#include <utility>

namespace mbflow::store::postgres {

class DatabaseCall : public Call {
 public:
  // Alone: leaves a result; may be repeated.
  virtual void run(Connection& db) = 0;
  // Among others: its statement is sent, and later its one row taken; may be repeated, too. Null: it goes alone.
  [[nodiscard]] virtual const char* statement() const { return nullptr; }
  [[nodiscard]] virtual Parameters parameters() const { return {}; }
  virtual void take(Rows&) {}
};

// Of the queues here, which hold no others.
inline DatabaseCall& call_of(Call& call) { return static_cast<DatabaseCall&>(call); }

template <class T>
using CallOf = ResultCall<T, DatabaseCall>;

// Work: a function object `Result<T> (Connection&)` that can be called again.
template <class T, class Work>
class WorkCall final : public CallOf<T> {
 public:
  explicit WorkCall(Work work) : work_(std::move(work)) {}
  void run(Connection& db) override { this->result.emplace(work_(db)); }

 private:
  Work work_;
};

// Step: has `statement()`, `parameters()` and `Result<void> answer(std::int64_t)`, which reads the one number it gives.
template <class Step>
class StepCall final : public CallOf<void> {
 public:
  explicit StepCall(Step step) : step_(std::move(step)) {}
  void run(Connection&) override {}
  [[nodiscard]] const char* statement() const override { return step_.statement(); }
  [[nodiscard]] Parameters parameters() const override { return step_.parameters(); }
  void take(Rows& row) override {
    if (row.next()) result.emplace(step_.answer(row.integer(0)));
  }

 private:
  Step step_;
};

}  // namespace mbflow::store::postgres
