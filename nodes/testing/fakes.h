// What a node meets when its cases run: recorded HTTP exchanges, a fixed clock, a jail that gives recorded answers.
// Nothing here waits, so a task that is started has also ended. One thread.
#pragma once

#include <mbflow/node.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mbflow::nodes {

struct NoWait {
  struct promise_type {
    NoWait get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() { throw; }
  };
};

template <class T>
NoWait run_into(Task<T>& task, std::optional<T>& result) {
  result.emplace(co_await task);
}

// The result of a task that does not wait.
template <class T>
T finish(Task<T> task) {
  std::optional<T> result;
  run_into(task, result);
  return *std::move(result);
}

// Plays exchanges {"request": {…}, "response": {…} | "error": {…}} in order; a request that differs is a fault.
class RecordedHttp : public HttpClient {
 public:
  explicit RecordedHttp(Value exchanges) : exchanges_(std::move(exchanges)) {}
  Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token stop) override;
  [[nodiscard]] std::size_t sent() const { return sent_; }
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  Value exchanges_;
  std::size_t sent_ = 0;
  std::vector<std::string> faults_;
};

class FakeContext : public Context {
 public:
  FakeContext(const Value& test, std::vector<std::vector<Item>> edges);

  void at_item(std::size_t index) { index_ = index; }
  [[nodiscard]] const Item& item() const override { return items_.at(index_); }
  [[nodiscard]] std::size_t index() const override { return index_; }
  [[nodiscard]] std::span<const Input> inputs() const override { return in_memory_ ? std::span<const Input>(inputs_) : std::span<const Input>(); }
  [[nodiscard]] std::span<const Item> items() const override { return in_memory_ ? std::span<const Item>(items_) : std::span<const Item>(); }
  [[nodiscard]] bool in_memory() const override { return in_memory_; }
  [[nodiscard]] std::size_t count() const override { return items_.size(); }
  [[nodiscard]] Task<Result<std::span<const Item>>> next_items() override;
  [[nodiscard]] Task<Result<void>> gather() override;
  [[nodiscard]] Task<Result<void>> give(Output part) override;
  [[nodiscard]] std::size_t memory_limit() const override { return memory_limit_; }
  // As if the list were too long for the memory: two items at a time.
  void stream() { in_memory_ = false; }
  // What the run returned, behind what it gave before.
  [[nodiscard]] Output all_given(Output last);
  [[nodiscard]] int attempt() const override { return attempt_; }
  [[nodiscard]] bool resumed() const override { return resumed_; }
  [[nodiscard]] std::string idempotency_key() const override { return "key-" + std::to_string(index_); }
  [[nodiscard]] std::chrono::sys_time<std::chrono::microseconds> now() const override { return now_; }
  [[nodiscard]] std::stop_token stop() const override { return {}; }
  [[nodiscard]] std::chrono::milliseconds time_left() const override { return std::chrono::minutes(2); }
  [[nodiscard]] RecordedHttp& http() override { return http_; }
  [[nodiscard]] Task<Result<Value>> sandbox(SandboxJob job) override;
  [[nodiscard]] Task<Result<Credential>> credential(std::string reference, std::string type) override;
  void log(LogLevel level, std::string_view message) override;

  [[nodiscard]] std::size_t jobs() const { return jobs_; }
  [[nodiscard]] const std::vector<Value>& log() const { return log_; }  // "warn: text"

 private:
  std::vector<std::vector<Item>> edges_;
  std::vector<Item> items_;
  std::vector<Input> inputs_;
  bool in_memory_ = true;
  std::size_t memory_limit_ = 1 << 20;
  std::size_t streamed_ = 0;
  Output given_;
  std::size_t index_ = 0;
  int attempt_ = 1;
  bool resumed_ = false;
  std::chrono::sys_time<std::chrono::microseconds> now_{};
  RecordedHttp http_;
  Value sandbox_;
  Value credentials_;
  std::size_t jobs_ = 0;
  std::vector<Value> log_;
};

// {"kind": "unavailable", "code": …, "message": …}
[[nodiscard]] Error error_from(const Value& value);

}  // namespace mbflow::nodes
