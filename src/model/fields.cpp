#include "model/fields.h"

#include "base/describe.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/yaml.h"

#include <mbflow/json.h>

#include <algorithm>
#include <cmath>

namespace mbflow {
namespace {

// People try expressions everywhere; say at once where they work.
std::string no_expression_here(const Value& value) {
  const bool looks_like_one = value.is_string() && value.as_string().find("{{") != std::string_view::npos;
  return looks_like_one ? " ({{ }} works in config, in conditions and in settings.concurrency.key only)" : "";
}

// What YAML and hurried writers make of a text.
bool needs_quotes(const Value& value) { return value.is_number() || value.is_bool(); }

bool has_control(std::string_view text, bool lines) {
  return std::ranges::any_of(text, [&](char c) {
    const bool line = lines && (c == '\n' || c == '\r' || c == '\t');
    return (static_cast<unsigned char>(c) < 0x20 && !line) || c == '\x7f';
  });
}

std::string in_quotes(std::string_view name) { return "'" + shorten(std::string(name), 60) + "'"; }

}  // namespace

Fields::Fields(const Value& object, std::string at, FaultList& faults)
    : object_(object), at_(std::move(at)), faults_(faults), taken_(object.members().size()) {
  if (object.is_object()) return;
  faults_.add(at_, "document.wrong_type", "expected an object, found " + describe(object));
}

std::string Fields::at(std::string_view key) const { return at_ + "/" + pointer_escape(key); }

Fields::Field Fields::take(std::string_view name, std::initializer_list<std::string_view> also) {
  known_.push_back(name);
  Field field;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const auto& [key, value] = object_.members()[i];
    const std::string_view spelled = key.as_string();
    if (spelled != name && std::ranges::find(also, spelled) == also.end()) continue;
    taken_[i] = true;
    if (field) {
      faults_.add(at(spelled), "document.conflicting_keys",
                  in_quotes(spelled) + " and " + in_quotes(field.key) + " mean the same; keep one of them");
    } else {
      field = {&value, spelled};
    }
  }
  return field;
}

Fields::Field Fields::take_or_null(std::string_view name, std::initializer_list<std::string_view> also) {
  const Field field = take(name, also);
  return field && field.value->is_null() ? Field{} : field;
}

void Fields::ignore(std::initializer_list<std::string_view> names) {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (std::ranges::find(names, object_.members()[i].key.as_string()) != names.end()) taken_[i] = true;
  }
}

void Fields::missing(std::string_view name, std::string_view what) {
  if (!object_.is_object()) return;  // said already
  faults_.add(at(name), "document.missing", in_quotes(name) + " is missing; give " + std::string(what));
}

void Fields::wrong_type(const Field& field, std::string_view expected) {
  faults_.add(at(field.key), "document.wrong_type",
              in_quotes(field.key) + " must be " + std::string(expected) + ", found " + describe(*field.value) +
                  no_expression_here(*field.value));
}

void Fields::not_one_of(const Field& field, std::span<const std::string_view> words) {
  std::string list;
  for (const auto word : words) list.append(list.empty() ? "" : ", ").append(word);
  faults_.add(at(field.key), "document.bad_value",
              in_quotes(field.key) + " must be one of " + list + ", found " + describe(*field.value) +
                  no_expression_here(*field.value) + did_you_mean(field.value->as_string(), words));
}

void Fields::text(const Field& field, std::string_view name, std::string& out, const Text& rule) {
  if (!field) {
    if (rule.required) missing(name, "a text");
    return;
  }
  if (!field.value->is_string()) return wrong_type(field, needs_quotes(*field.value) ? "a text in quotes" : "a text");
  const std::string_view text = field.value->as_string();
  if (rule.required && text.empty()) {
    return faults_.add(at(field.key), "document.missing", in_quotes(field.key) + " is empty; give a text");
  }
  if (text.size() > rule.most && utf8_length(text) > rule.most) {
    return faults_.add(at(field.key), "document.too_long",
                       in_quotes(field.key) + " may have " + std::to_string(rule.most) + " characters at most; shorten it");
  }
  if (has_control(text, rule.lines)) {
    return faults_.add(at(field.key), "document.bad_value", in_quotes(field.key) + " holds a control character; remove it");
  }
  out = text;
}

void Fields::boolean(std::string_view name, bool& out) {
  const Field field = take(name);
  if (!field) return;
  if (!field.value->is_bool()) return wrong_type(field, "true or false");
  out = field.value->as_bool();
}

void Fields::integer(std::string_view name, int& out, int least, int most) {
  double number = out;
  const Field field = take(name);
  if (!field) return;
  if (field.value->is_number()) number = field.value->as_number();
  if (!field.value->is_number() || number != std::floor(number)) return wrong_type(field, "a whole number");
  if (number < least || number > most) {
    return faults_.add(at(field.key), "document.range",
                       in_quotes(field.key) + " must be from " + std::to_string(least) + " to " + std::to_string(most) +
                           ", found " + describe(*field.value));
  }
  out = static_cast<int>(number);
}

void Fields::number(std::string_view name, double& out, double least, double most) {
  const Field field = take(name);
  if (!field) return;
  if (!field.value->is_number()) return wrong_type(field, "a number");
  const double number = field.value->as_number();
  if (number < least || number > most) {
    return faults_.add(at(field.key), "document.range",
                       in_quotes(field.key) + " must be from " + write_json(Value(least)) + " to " + write_json(Value(most)) +
                           ", found " + describe(*field.value));
  }
  out = number;
}

void Fields::duration(const Field& field, Duration& out, Duration least, Duration most) {
  const Value& value = *field.value;
  const auto parsed = parse_duration(value.is_string() ? std::string(value.as_string()) : write_json(value));
  if ((!value.is_string() && !value.is_number()) || !parsed) {
    return faults_.add(at(field.key), "document.duration",
                       in_quotes(field.key) + " must be a duration such as \"30s\", \"5m\" or \"1h30m\", found " +
                           describe(value) + no_expression_here(value));
  }
  if (*parsed < least || *parsed > most) {
    return faults_.add(at(field.key), "document.range",
                       in_quotes(field.key) + " must be from " + format_duration(least) + " to " + format_duration(most) +
                           ", found " + describe(value));
  }
  out = *parsed;
}

const Value* Fields::object(std::string_view name) {
  const Field field = take(name);
  if (!field || field.value->is_object()) return field.value;
  wrong_type(field, "an object");
  return nullptr;
}

const Value* Fields::array(std::string_view name) {
  const Field field = take(name);
  if (!field || field.value->is_array()) return field.value;
  wrong_type(field, "a list");
  return nullptr;
}

void Fields::finish() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    const std::string_view key = object_.members()[i].key.as_string();
    const std::string hint = faults_.wants_hint() ? did_you_mean(key, known_) : std::string();
    faults_.add(at(key), "document.unknown_key",
                in_quotes(key) + " is not known here" + (hint.empty() ? "; remove it" : hint));
  }
}

}  // namespace mbflow
