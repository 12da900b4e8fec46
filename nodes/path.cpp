#include "nodes/path.h"

#include "nodes/config_parse.h"

#include <charconv>
#include <span>
#include <utility>

namespace mbflow::nodes {
namespace {

constexpr std::size_t max_steps = 64;  // well inside Value::max_depth

Error bad_path(std::string_view text, std::string_view why) {
  return fail(Kind::invalid, "path.syntax",
              "the path \"" + std::string(text) + "\" " + std::string(why) +
                  "; write it like user.name, items[0].id or ['odd key']");
}

const Value* step_into(const Value& place, const std::string& key, const std::optional<std::size_t>& index) {
  if (!index) return place.find(key);
  return place.is_array() && *index < place.size() ? &place[*index] : nullptr;
}

// The text between brackets, quotes and escapes taken off; `rest` starts after "[" and ends up after "]".
std::optional<std::string> quoted_key(std::string_view& rest) {
  const char quote = rest.front();
  std::string key;
  for (std::size_t i = 1; i + 1 < rest.size(); ++i) {
    if (rest[i] == '\\') {
      key += rest[++i];
    } else if (rest[i] != quote) {
      key += rest[i];
    } else if (rest[i + 1] == ']') {
      rest.remove_prefix(i + 2);
      return key;
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> bracketed_index(std::string_view& rest) {
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  const auto used = static_cast<std::size_t>(end - rest.data());
  if (fault != std::errc{} || used >= rest.size() || rest[used] != ']') return std::nullopt;
  rest.remove_prefix(used + 1);
  return index;
}

}  // namespace

Result<Path> Path::parse(std::string_view text) {
  Path path;
  std::string_view rest = text;
  bool dot_seen = false;
  if (rest.starts_with('$') && (rest.size() == 1 || rest[1] == '.' || rest[1] == '[')) rest.remove_prefix(1);
  if (rest.size() > 1 && rest.front() == '.') rest.remove_prefix(1);
  while (!rest.empty()) {
    if (path.steps_.size() == max_steps) return bad_path(text, "has too many steps");
    if (rest.front() == '[' && !dot_seen) {
      rest.remove_prefix(1);
      if (rest.empty()) return bad_path(text, "has an open bracket");
      if (rest.front() == '\'' || rest.front() == '"') {
        auto key = quoted_key(rest);
        if (!key) return bad_path(text, "has an open quote");
        path.steps_.push_back({*std::move(key), {}});
      } else {
        const auto index = bracketed_index(rest);
        if (!index) return bad_path(text, "has brackets without a number or a quoted key");
        path.steps_.push_back({{}, index});
      }
    } else {
      const std::size_t end = rest.find_first_of(".[");
      if (end == 0) return bad_path(text, "has an empty step");
      path.steps_.push_back({std::string(rest.substr(0, end)), {}});
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    }
    dot_seen = rest.starts_with('.');
    if (dot_seen) rest.remove_prefix(1);
  }
  if (dot_seen) return bad_path(text, "ends with a dot");
  return path;
}

const Value* Path::find(const Value& root) const {
  const Value* place = &root;
  for (const Step& step : steps_) {
    place = step_into(*place, step.key, step.index);
    if (place == nullptr) return nullptr;
  }
  return place;
}

Result<Value> Path::set(const Value& root, Value value) const { return set_from(0, root, std::move(value)); }

Result<Value> Path::set_from(std::size_t depth, const Value& place, Value value) const {
  if (depth == steps_.size()) return value;
  const Step& step = steps_[depth];
  const Value* below = step_into(place, step.key, step.index);
  MBF_TRY(Value inner, set_from(depth + 1, below == nullptr ? Value() : *below, std::move(value)));
  if (!step.index) return place.with(step.key, std::move(inner));
  std::vector<Value> elements(place.elements().begin(), place.elements().end());
  if (*step.index > elements.size()) {
    return fail(Kind::invalid, "path.index",
                "there are " + std::to_string(elements.size()) + " elements, so [" + std::to_string(*step.index) +
                    "] would leave a gap: use [" + std::to_string(elements.size()) + "] to add one");
  }
  elements.resize(std::max(elements.size(), *step.index + 1));
  elements[*step.index] = std::move(inner);
  return Value::array(std::move(elements));
}

Value Path::remove(const Value& root) const { return steps_.empty() ? Value() : remove_from(0, root); }

Value Path::remove_from(std::size_t depth, const Value& place) const {
  const Step& step = steps_[depth];
  const Value* below = step_into(place, step.key, step.index);
  if (below == nullptr) return place;
  const bool last = depth + 1 == steps_.size();
  if (!step.index) return last ? place.without(step.key) : place.with(step.key, remove_from(depth + 1, *below));
  std::vector<Value> elements(place.elements().begin(), place.elements().end());
  const auto at = elements.begin() + static_cast<std::ptrdiff_t>(*step.index);
  if (last) {
    elements.erase(at);
  } else {
    *at = remove_from(depth + 1, *below);
  }
  return Value::array(std::move(elements));
}

std::string_view Path::last_key() const {
  for (std::size_t i = steps_.size(); i > 0; --i) {
    if (!steps_[i - 1].index) return steps_[i - 1].key;
  }
  return "value";
}

Result<std::vector<Path>> parse_paths(const std::vector<std::string>& texts) {
  std::vector<Path> paths;
  paths.reserve(texts.size());
  for (const std::string& text : texts) {
    auto path = Path::parse(text);
    if (!path) return in_element(std::move(path).error(), paths.size());
    paths.push_back(*std::move(path));
  }
  return paths;
}

}  // namespace mbflow::nodes
