// Result<T>: a value or an Error. Every failure that can be foreseen travels as a Result; exceptions are for bugs and
// exhausted memory only. Plain values: no thread rules.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace mbflow {

// The kind alone decides the HTTP status and whether a retry can help.
enum class Kind : std::uint8_t {
  invalid,      // 400: the caller must change the request
  denied,       // 403 (401 when no identity was given)
  not_found,    // 404
  conflict,     // 409
  limited,      // 429, retryable
  timeout,      // 504, retryable
  unavailable,  // 503, retryable
  internal,     // 500: a bug or a broken machine
};

[[nodiscard]] constexpr bool is_retryable(Kind kind) {
  return kind == Kind::limited || kind == Kind::timeout || kind == Kind::unavailable;
}
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] int http_status(Kind kind);

// What went wrong, where, and (in the message) what to do about it.
struct Error {
  Kind kind = Kind::internal;
  std::string code;                  // dotted, stable, greppable: "engine.cycle"; listed by `mbflow explain`
  std::string message;               // one sentence that names the cure
  std::string at;                    // JSON pointer (RFC 6901) into the document or config; empty = the whole
  std::int64_t retry_after_ms = -1;  // what the peer asked for (Retry-After); -1 = nothing said

  [[nodiscard]] Error with_at(std::string pointer) && {
    at = std::move(pointer);
    return std::move(*this);
  }
  friend bool operator==(const Error&, const Error&) = default;
};

// Makes an error: `return fail(Kind::invalid, "engine.cycle", "…")`, optionally `.with_at("/edges/3")`.
[[nodiscard]] inline Error fail(Kind kind, std::string_view code, std::string message) {
  return Error{kind, std::string(code), std::move(message), {}, -1};
}

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  // Precondition: ok().
  [[nodiscard]] T& operator*() & { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& operator*() const& { return *std::get_if<0>(&state_); }
  [[nodiscard]] T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] T* operator->() { return std::get_if<0>(&state_); }
  [[nodiscard]] const T* operator->() const { return std::get_if<0>(&state_); }

  // Precondition: !ok().
  [[nodiscard]] Error& error() & { return *std::get_if<1>(&state_); }
  [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design
  [[nodiscard]] bool ok() const noexcept { return error_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  void operator*() const {}
  [[nodiscard]] Error& error() & { return *std::get_if<1>(&error_); }
  [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&error_); }
  [[nodiscard]] Error&& error() && { return std::move(*std::get_if<1>(&error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace mbflow

// MBF_TRY(auto x, expression): leaves the function with the error, or binds the value. MBF_CHECK(expression): the same
// without a value. The CO_ twins are for coroutines.
#define MBF_CONCAT_(a, b) a##b
#define MBF_CONCAT(a, b) MBF_CONCAT_(a, b)
#define MBF_TRY_(temp, declaration, expression, leave) \
  auto temp = (expression);                            \
  if (!temp) leave std::move(temp).error();            \
  declaration = *std::move(temp)
#define MBF_TRY(declaration, expression) MBF_TRY_(MBF_CONCAT(mbf_try_, __LINE__), declaration, expression, return)
#define MBF_CO_TRY(declaration, expression) MBF_TRY_(MBF_CONCAT(mbf_try_, __LINE__), declaration, expression, co_return)
#define MBF_CHECK(expression) \
  if (auto mbf_check = (expression); !mbf_check) return std::move(mbf_check).error()
#define MBF_CO_CHECK(expression) \
  if (auto mbf_check = (expression); !mbf_check) co_return std::move(mbf_check).error()
