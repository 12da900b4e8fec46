// The parameters of one statement in PostgreSQL's binary form. What they refer to lives until they are sent.
#pragma once

#include "base/id.h"
#include "base/time.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::store::postgres {

struct Bytes {  // BYTEA; a std::string_view is TEXT
  std::string_view bytes;
};

class Parameters {
 public:
  template <class... Values>
  static Parameters of(const Values&... values) {
    Parameters parameters;
    (parameters.add(values), ...);
    return parameters;
  }
  Parameters() = default;
  Parameters(Parameters&&) = default;
  Parameters& operator=(Parameters&&) = default;

  void add(std::int64_t number);  // every integer is BIGINT
  void add(int number) { add(std::int64_t{number}); }
  void add(std::uint32_t number) { add(std::int64_t{number}); }
  void add(std::uint64_t number) { add(static_cast<std::int64_t>(number)); }
  void add(Timestamp time) { add(static_cast<std::int64_t>(time.time_since_epoch().count())); }
  void add(bool flag);
  void add(const char* text) { add(std::string_view(text)); }
  void add(const std::string& text) { add(std::string_view(text)); }
  // NUL, which PostgreSQL's text cannot hold, and what is not UTF-8 become U+FFFD.
  void add(std::string_view text);
  void add(std::string&& made);  // kept here
  void add(Bytes bytes);
  void add(const std::optional<Bytes>& bytes);  // NULL without a value
  void add(const std::optional<Timestamp>& time);
  void add(const Uuid& id);
  void add(const std::vector<std::uint64_t>& numbers);  // BIGINT[]

  [[nodiscard]] int size() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] const unsigned* types() const { return types_.data(); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void put(unsigned type, const char* value, std::size_t length);
  void keep(unsigned type, std::string value);

  std::vector<unsigned> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::deque<std::string> kept_;  // what was made here; its addresses stay
};

}  // namespace mbflow::store::postgres
