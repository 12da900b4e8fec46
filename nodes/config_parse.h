// What the generated config parsers are made of: readers from Value to a typed field. A reader accepts the type asked
// for and, once, what people write instead of it ("5" for 5, 5 for "5", "true" for true); all else is an error that
// names the cure. Pointers (`at`) are built on the way out of an error only, so a valid config costs no string. Any
// thread. Errors: config.required, config.type, config.range, config.enum, config.unknown_key.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::nodes {

struct Size {
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();
};
template <class T>
struct Range {
  T min = std::numeric_limits<T>::lowest();
  T max = std::numeric_limits<T>::max();
};
struct Span {
  std::chrono::milliseconds min{0};
  std::chrono::milliseconds max{std::chrono::hours(24 * 36525)};
};

// Length counts code points, as JSON Schema does.
[[nodiscard]] Result<void> read_text(const Value& value, std::string& out, Size length = {});
[[nodiscard]] Result<void> read_boolean(const Value& value, bool& out);
[[nodiscard]] Result<void> read_integer(const Value& value, std::int64_t& out, Range<std::int64_t> range = {});
[[nodiscard]] Result<void> read_number(const Value& value, double& out, Range<double> range = {});
[[nodiscard]] Result<void> read_duration(const Value& value, std::chrono::milliseconds& out, Span span = {});
[[nodiscard]] Result<void> read_any(const Value& value, Value& out);
[[nodiscard]] Result<void> read_object(const Value& value, Value& out, Size members = {});

// The position of the value among the choices.
[[nodiscard]] Result<std::size_t> find_choice(const Value& value, std::span<const std::string_view> choices);
template <class Enum>
[[nodiscard]] Result<void> read_choice(const Value& value, Enum& out, std::span<const std::string_view> choices) {
  MBF_TRY(const std::size_t place, find_choice(value, choices));
  out = static_cast<Enum>(place);
  return {};
}

[[nodiscard]] Result<void> check_list(const Value& value, Size size);
// `at` of an error that came from inside a member or element.
[[nodiscard]] Error in_member(Error error, std::string_view key);
[[nodiscard]] Error in_element(Error error, std::size_t index);

template <class T, class Read>
[[nodiscard]] Result<void> read_list(const Value& value, std::vector<T>& out, Size size, Read read) {
  MBF_CHECK(check_list(value, size));
  out.clear();
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto result = read(value[i], out.emplace_back());
    if (!result) return in_element(std::move(result).error(), i);
  }
  return {};
}

// Whether null is a value like any other, or what an expression that found nothing leaves behind: no value at all.
enum class Null : std::uint8_t { absent, value };

// The members of one object of a config. The first fault stays; later calls do nothing.
class Fields {
 public:
  explicit Fields(const Value& object);

  template <class T, class Read>
  void required(std::string_view key, T& out, Read read, Null null = Null::absent) {
    const Value* value = take(key, null);
    if (value != nullptr) return keep(key, read(*value, out));
    missing(key);
  }
  template <class T, class Read>
  void optional(std::string_view key, T& out, Read read, Null null = Null::absent) {
    const Value* value = take(key, null);
    if (value != nullptr) keep(key, read(*value, out));
  }
  template <class T, class Read>
  void optional(std::string_view key, std::optional<T>& out, Read read, Null null = Null::absent) {
    const Value* value = take(key, null);
    if (value != nullptr) keep(key, read(*value, out.emplace()));
  }
  void missing(std::string_view key);
  // Call one of them last. What was not taken is unknown; end_open lets it pass.
  [[nodiscard]] Result<void> end(std::span<const std::string_view> known);
  [[nodiscard]] Result<void> end_open();

 private:
  const Value* take(std::string_view key, Null null);
  void keep(std::string_view key, Result<void> result);

  const Value& object_;
  std::size_t taken_ = 0;
  std::optional<Error> fault_;
};

}  // namespace mbflow::nodes
