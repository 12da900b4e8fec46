// Reading the fields of one object of a document: each by its name and type, every fault noted, what was not asked for
// reported as unknown. Internal to model/.
#pragma once

#include "base/time.h"
#include "model/faults.h"

#include <mbflow/value.h>

#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mbflow {

// A wire name for each value of an enum.
template <class E>
using Names = std::span<const std::pair<std::string_view, E>>;

class Fields {
 public:
  // `object` and `faults` must outlive it. What is not an object is a fault, and has no fields.
  Fields(const Value& object, std::string at, FaultList& faults);

  struct Field {
    const Value* value = nullptr;  // null pointer: absent
    std::string_view key;          // as spelled
    [[nodiscard]] explicit operator bool() const { return value != nullptr; }
  };
  // The field under whichever of its spellings is there; two of them are a fault.
  Field take(std::string_view name, std::initializer_list<std::string_view> also = {});
  // As take(), but null means that nothing was given.
  Field take_or_null(std::string_view name, std::initializer_list<std::string_view> also = {});
  void ignore(std::initializer_list<std::string_view> names);

  struct Text {
    std::size_t most = 200;  // characters
    bool required = false;   // required texts are not empty either
    bool lines = false;      // line breaks are fine
  };
  void text(const Field& field, std::string_view name, std::string& out, const Text& rule);
  void text(std::string_view name, std::string& out, const Text& rule) { text(take(name), name, out, rule); }
  void boolean(std::string_view name, bool& out);
  void integer(std::string_view name, int& out, int least, int most);
  void number(std::string_view name, double& out, double least, double most);
  void duration(const Field& field, Duration& out, Duration least, Duration most);
  template <class E>
  void choice(std::string_view name, E& out, Names<E> names) {
    const Field field = take(name);
    if (!field) return;
    std::vector<std::string_view> words;
    for (const auto& [word, value] : names) {
      if (field.value->is_string() && field.value->as_string() == word) return void(out = value);
      words.push_back(word);
    }
    not_one_of(field, words);
  }
  // Null pointer when absent or of the wrong type.
  const Value* object(std::string_view name);
  const Value* array(std::string_view name);

  void missing(std::string_view name, std::string_view what);
  void wrong_type(const Field& field, std::string_view expected);
  void finish();  // notes the fields that nobody asked for

  [[nodiscard]] const std::string& at() const { return at_; }
  [[nodiscard]] std::string at(std::string_view key) const;  // pointer of a field
  [[nodiscard]] FaultList& faults() const { return faults_; }

 private:
  void not_one_of(const Field& field, std::span<const std::string_view> words);

  const Value& object_;
  std::string at_;
  FaultList& faults_;
  std::vector<bool> taken_;
  std::vector<std::string_view> known_;
};

}  // namespace mbflow
