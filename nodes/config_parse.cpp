#include "nodes/config_parse.h"

#include <mbflow/json.h>
#include <mbflow/text.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

namespace mbflow::nodes {
namespace {

// What was found, short enough for a message.
std::string shown(const Value& value) {
  constexpr std::size_t most = 60;
  std::string text = write_json(value);
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

Error wrong_type(std::string_view expected, const Value& value) {
  std::string message = "expected " + std::string(expected) + ", found " + shown(value);
  if (value.is_null()) message += "; an expression that finds nothing gives null";
  return fail(Kind::invalid, "config.type", std::move(message));
}

template <class T>
Error out_of_range(std::string_view what, T found, std::string_view bound, const std::string& limit) {
  std::string message = std::string(what) + " must be " + std::string(bound) + " " + limit + ", found ";
  message += write_json(Value(found));
  return fail(Kind::invalid, "config.range", std::move(message));
}

Result<void> check_size(std::size_t found, Size size, std::string_view what) {
  const auto count = static_cast<std::int64_t>(found);
  if (found < size.min) return out_of_range(what, count, "at least", std::to_string(size.min));
  if (found > size.max) return out_of_range(what, count, "at most", std::to_string(size.max));
  return {};
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T parsed{};
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, parsed);
  if (fault != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return parsed;
}

std::optional<std::int64_t> whole(double number) {
  constexpr double limit = 9007199254740992.0;  // beyond 2^53 a double no longer names one integer
  if (std::trunc(number) != number || std::abs(number) > limit) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> to_integer(const Value& value) {
  if (value.is_integer()) return value.as_integer();
  if (value.is_number()) return whole(value.as_number());
  if (value.is_string()) return number_in<std::int64_t>(value.as_string());
  return std::nullopt;
}

std::optional<double> to_number(const Value& value) {
  if (value.is_number()) return value.as_number();
  if (!value.is_string()) return std::nullopt;
  const auto number = number_in<double>(value.as_string());
  return number && std::isfinite(*number) ? number : std::nullopt;
}

template <class T>
Result<void> check_range(T number, Range<T> range) {
  if (number < range.min) return out_of_range("the number", number, "at least", write_json(Value(range.min)));
  if (number > range.max) return out_of_range("the number", number, "at most", write_json(Value(range.max)));
  return {};
}

std::string quoted_list(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) {
    if (!text.empty()) text += ", ";
    text += '"';
    text += name;
    text += '"';
  }
  return text;
}

void append_escaped(std::string& pointer, std::string_view key) {
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

}  // namespace

Result<void> read_text(const Value& value, std::string& out, Size length) {
  if (value.is_string()) {
    out = value.as_string();
  } else if (value.is_number() || value.is_bool()) {
    out = write_json(value);
  } else {
    return wrong_type("text", value);
  }
  if (length.min == 1 && out.empty())
    return fail(Kind::invalid, "config.range", "the text must not be empty: fill it in");
  return check_size(code_points(out), length, "the length of the text");
}

Result<void> read_boolean(const Value& value, bool& out) {
  const std::string_view text = value.as_string();
  if (!value.is_bool() && text != "true" && text != "false") return wrong_type("true or false", value);
  out = value.is_bool() ? value.as_bool() : text == "true";
  return {};
}

Result<void> read_integer(const Value& value, std::int64_t& out, Range<std::int64_t> range) {
  const auto number = to_integer(value);
  if (!number) return wrong_type("a whole number", value);
  out = *number;
  return check_range(out, range);
}

Result<void> read_number(const Value& value, double& out, Range<double> range) {
  const auto number = to_number(value);
  if (!number) return wrong_type("a number", value);
  out = *number;
  return check_range(out, range);
}

Result<void> read_duration(const Value& value, std::chrono::milliseconds& out, Span span) {
  constexpr std::string_view expected = "a duration such as \"30s\", \"5m\" or \"1h30m\"";
  if (!value.is_string() && !value.is_number()) return wrong_type(expected, value);
  const auto parsed = parse_duration(value.is_string() ? std::string(value.as_string()) : write_json(value));
  if (!parsed) return wrong_type(expected, value);
  out = std::chrono::ceil<std::chrono::milliseconds>(*parsed);
  const auto shown_duration = [](std::chrono::milliseconds duration) { return format_duration(duration); };
  const Value found(format_duration(*parsed));
  if (out < span.min) return out_of_range("the duration", found, "at least", shown_duration(span.min));
  if (out > span.max) return out_of_range("the duration", found, "at most", shown_duration(span.max));
  return {};
}

Result<void> read_any(const Value& value, Value& out) {
  out = value;
  return {};
}

Result<void> read_object(const Value& value, Value& out, Size members) {
  if (!value.is_object()) return wrong_type("an object {\"name\": value}", value);
  out = value;
  return check_size(value.size(), members, "the number of entries");
}

Result<std::size_t> find_choice(const Value& value, std::span<const std::string_view> choices) {
  const std::string written = value.is_number() || value.is_bool() ? write_json(value) : std::string();
  const std::string_view text = written.empty() ? value.as_string() : written;
  const auto found = std::ranges::find(choices, text);
  if (found == choices.end() || (!value.is_string() && written.empty())) {
    return fail(Kind::invalid, "config.enum", "choose one of " + quoted_list(choices) + "; found " + shown(value));
  }
  return static_cast<std::size_t>(found - choices.begin());
}

Result<void> check_list(const Value& value, Size size) {
  if (!value.is_array()) return wrong_type("a list [ … ]", value);
  return check_size(value.size(), size, "the number of elements");
}

Error in_member(Error error, std::string_view key) {
  std::string pointer = "/";
  append_escaped(pointer, key);
  error.at.insert(0, pointer);
  return error;
}

Error in_element(Error error, std::size_t index) {
  error.at.insert(0, "/" + std::to_string(index));
  return error;
}

Fields::Fields(const Value& object) : object_(object) {
  if (!object.is_object()) fault_ = wrong_type("an object {\"name\": value}", object);
}

const Value* Fields::take(std::string_view key, Null null) {
  if (fault_) return nullptr;
  const Value* value = object_.find(key);
  if (value == nullptr) return nullptr;
  ++taken_;
  return value->is_null() && null == Null::absent ? nullptr : value;
}

void Fields::keep(std::string_view key, Result<void> result) {
  if (result || fault_) return;
  fault_ = in_member(std::move(result).error(), key);
  fault_->message.insert(0, "\"" + std::string(key) + "\": ");
}

void Fields::missing(std::string_view key) {
  if (fault_) return;
  const std::string name = "\"" + std::string(key) + "\"";
  const std::string message = object_.find(key) == nullptr
                                  ? name + " is required: fill it in"
                                  : name + " came out empty: the expression in it found nothing";
  fault_ = in_member(fail(Kind::invalid, "config.required", message), key);
}

Result<void> Fields::end(std::span<const std::string_view> known) {
  if (fault_) return *std::move(fault_);
  if (taken_ == object_.size()) return {};
  for (const Member& member : object_.members()) {
    const std::string_view key = member.key.as_string();
    if (std::ranges::find(known, key) != known.end()) continue;
    std::string message = "\"" + std::string(key) + "\" is not a setting here: remove it";
    if (!known.empty()) message += ", or use one of " + quoted_list(known);
    return in_member(fail(Kind::invalid, "config.unknown_key", std::move(message)), key);
  }
  return {};
}

Result<void> Fields::end_open() {
  if (fault_) return *std::move(fault_);
  return {};
}

}  // namespace mbflow::nodes
