#include "store/postgres/parameters.h"

#include "base/utf8.h"

namespace mbflow::store::postgres {

namespace {

// Numbers of types are part of the protocol: pg_type.dat has had them since the beginning.
enum Type : unsigned {
  type_bool = 16,
  type_bytes = 17,
  type_bigint = 20,
  type_text = 25,
  type_bigints = 1016,
  type_uuid = 2950
};

constexpr int binary = 1;

template <class T>
void append(std::string& out, T number) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFFU));
}

std::string big_endian(std::int64_t number) {
  std::string bytes;
  append(bytes, number);
  return bytes;
}

bool is_storable(std::string_view text) { return !text.contains('\0') && utf8_valid(text); }

std::string storable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto size = utf8_sequence(text);
    if (size == 0 || text[0] == '\0')
      clean += "\xEF\xBF\xBD";
    else
      clean += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return clean;
}

}  // namespace

void Parameters::put(unsigned type, const char* value, std::size_t length) {
  types_.push_back(type);
  values_.push_back(value);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(binary);
}

void Parameters::keep(unsigned type, std::string value) {
  kept_.push_back(std::move(value));
  put(type, kept_.back().data(), kept_.back().size());
}

void Parameters::add(std::int64_t number) { keep(type_bigint, big_endian(number)); }
void Parameters::add(bool flag) { keep(type_bool, std::string(1, flag ? '\1' : '\0')); }

void Parameters::add(std::string_view text) {
  if (!is_storable(text)) return keep(type_text, storable(text));
  put(type_text, text.empty() ? "" : text.data(), text.size());  // a null pointer would be NULL
}

void Parameters::add(std::string&& made) { keep(type_text, is_storable(made) ? std::move(made) : storable(made)); }

void Parameters::add(Bytes bytes) {
  put(type_bytes, bytes.bytes.empty() ? "" : bytes.bytes.data(), bytes.bytes.size());
}

void Parameters::add(const std::optional<Bytes>& bytes) {
  if (bytes) return add(*bytes);
  put(type_bytes, nullptr, 0);
}

void Parameters::add(const std::optional<Timestamp>& time) {
  if (time) return add(*time);
  put(type_bigint, nullptr, 0);
}

void Parameters::add(const Uuid& id) { put(type_uuid, id.raw().data(), id.raw().size()); }

void Parameters::add(const std::vector<std::uint64_t>& numbers) {
  std::string array;
  append(array, std::int32_t{numbers.empty() ? 0 : 1});  // dimensions
  append(array, std::int32_t{0});                        // no NULL in it
  append(array, static_cast<std::int32_t>(type_bigint));
  if (!numbers.empty()) {
    append(array, static_cast<std::int32_t>(numbers.size()));
    append(array, std::int32_t{1});  // the first index
  }
  for (const auto number : numbers) {
    append(array, static_cast<std::int32_t>(sizeof number));
    append(array, number);
  }
  keep(type_bigints, std::move(array));
}

}  // namespace mbflow::store::postgres
