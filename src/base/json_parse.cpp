#include "base/json_scan.h"
#include "base/utf8.h"
#include "base/value_block.h"
#include "base/yaml.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

namespace mbflow {
namespace {

namespace dom = simdjson::dom;
using Parts = ValueParts;

// simdjson's tape and our padded copy of the text, reused by the thread; given back when a document was unusually
// large.
class Scratch {
 public:
  static constexpr std::size_t kept = std::size_t{1} << 20;
  static constexpr std::size_t least = std::size_t{1} << 14;

  // Nothing when simdjson refuses the text.
  std::optional<dom::element> parse(std::string_view text) {
    if (text.empty() || !make_room(text.size())) return std::nullopt;
    std::ranges::copy(text, padded_.get());
    std::memset(padded_.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
    dom::element root;
    if (parser_->parse(padded_.get(), text.size(), false).get(root)) return std::nullopt;
    return root;
  }
  void trim() {
    if (room_ <= kept) return;
    parser_.reset();
    padded_.reset();
    room_ = 0;
  }

 private:
  bool make_room(std::size_t bytes) {
    if (bytes <= room_) return true;
    const std::size_t room = std::max(least, bytes > kept ? bytes : std::bit_ceil(bytes));
    room_ = 0;
    parser_ = std::make_unique<dom::parser>();
    padded_ = std::make_unique_for_overwrite<char[]>(room + simdjson::SIMDJSON_PADDING);
    room_ = parser_->allocate(room, Value::max_depth + 1) == simdjson::SUCCESS ? room : 0;
    return room_ != 0;
  }

  std::unique_ptr<dom::parser> parser_;
  std::unique_ptr<char[]> padded_;
  std::size_t room_ = 0;
};

// Turns simdjson's tape into Values. What it will not take (too deep, a doubled key, more elements than the tape
// counts) only sets `refused`: the slow reader then finds the words and the place.
class Builder {
 public:
  explicit Builder(const JsonOptions& options)
      : options_(options), max_depth_(std::min(options.max_depth, Value::max_depth)) {}

  [[nodiscard]] bool refused() const { return refused_; }

  Value build(const dom::element& element, int depth) {
    switch (element.type()) {
      case dom::element_type::ARRAY:
        return build_array(element.get_array().value_unsafe(), depth + 1);
      case dom::element_type::OBJECT:
        return build_object(element.get_object().value_unsafe(), depth + 1);
      case dom::element_type::STRING:
        return Value(element.get_string().value_unsafe());
      case dom::element_type::INT64:
        return Value(std::int64_t{element.get_int64().value_unsafe()});
      case dom::element_type::UINT64:
        return Value(std::uint64_t{element.get_uint64().value_unsafe()});
      case dom::element_type::DOUBLE:
        return Value(element.get_double().value_unsafe());
      case dom::element_type::BOOL:
        return Value(element.get_bool().value_unsafe());
      case dom::element_type::NULL_VALUE:
        return Value();
      default:
        refused_ = true;
        return Value();
    }
  }

 private:
  static constexpr std::size_t counted = 0xFFFFFF;  // the tape's counts stop there

  bool refuse(int depth, std::size_t size) {
    if (depth > max_depth_ || size >= counted) refused_ = true;
    return refused_;
  }

  Value build_array(const dom::array& array, int depth) {
    const std::size_t size = array.size();
    if (refuse(depth, size) || size == 0) return Value::array();
    Parts::Block* block = Parts::new_array(size);
    Value result = Parts::wrap(Parts::array, block);
    for (const dom::element element : array) Parts::push(*block, build(element, depth));
    return result;
  }

  Value build_object(const dom::object& object, int depth) {
    const std::size_t size = object.size();
    if (refuse(depth, size) || size == 0) return Value::object();
    Parts::Block* block = Parts::new_object(size);
    Value result = Parts::wrap(Parts::object, block);
    for (const dom::key_value_pair member : object) {
      Value key = names_.share(member.key);
      Parts::push(*block, std::move(key), build(member.value, depth));
    }
    Parts::seal(*block);
    if (block->size != size && options_.reject_duplicate_keys) refused_ = true;
    return result;
  }

  const JsonOptions& options_;
  int max_depth_;
  bool refused_ = false;
  LongNames names_;
};

std::optional<Value> parse_fast(std::string_view text, const JsonOptions& options) {
  static thread_local Scratch scratch;
  const auto root = scratch.parse(text);
  std::optional<Value> value;
  if (root) {
    Builder builder(options);
    value = builder.build(*root, 0);
    if (builder.refused()) value.reset();
  }
  scratch.trim();
  return value;
}

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonOptions& options) {
  if (text.size() > options.max_bytes) {
    return fail(Kind::invalid, "json.too_large",
                "line 1, column 1: the text has " + std::to_string(text.size()) + " bytes, more than the limit of " +
                    std::to_string(options.max_bytes));
  }
  text = drop_bom(text);
  if (auto value = parse_fast(text, options)) return *std::move(value);
  return scan_json(text, options, nullptr);
}

Result<Located> parse_json_located(std::string_view text) {
  JsonOptions options;
  options.reject_duplicate_keys = true;
  Located located;
  MBF_TRY(located.value, scan_json(drop_bom(text), options, &located.lines));
  return located;
}

}  // namespace mbflow
