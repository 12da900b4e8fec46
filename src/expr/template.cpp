#include "expr/program.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mbflow::expr {
namespace {

using Part = Template::Program::Part;

std::string place(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 = 0
  const auto column = 1 + std::ranges::count_if(before.substr(start), [](char c) {
                        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                      });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// The error of an expression that begins at `start`, told in lines and columns of the whole text.
Error placed(Error error, std::string_view text, std::size_t start) {
  std::size_t offset = 0;
  std::from_chars(error.at.data(), error.at.data() + error.at.size(), offset);
  error.message = place(text, start + offset) + ": " + error.message;
  error.at.clear();
  return error;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Cuts text into literal parts and expressions. `\{{` is a literal `{{`, `\\{{` a backslash before an expression.
class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  Result<std::vector<Part>> run() {
    while (at_ < text_.size()) {
      const std::size_t open = text_.find("{{", at_);
      const std::size_t end = std::min(open, text_.size());
      literal_.append(text_.substr(at_, end - at_));
      at_ = end;
      if (open == std::string_view::npos) break;
      if (escaped()) continue;
      MBF_CHECK(expression());
    }
    flush();
    return std::move(parts_);
  }

 private:
  bool escaped() {
    if (!literal_.ends_with('\\')) return false;
    literal_.pop_back();
    if (literal_.ends_with('\\')) return false;
    literal_ += "{{";
    at_ += 2;
    return true;
  }

  Result<void> expression() {
    flush();
    const std::size_t start = at_ + 2;
    auto tokens = tokenize(text_.substr(start));
    if (!tokens) return placed(std::move(tokens).error(), text_, start);
    if (!tokens->closed) {
      return fail(
          Kind::invalid, "expr.syntax",
          place(text_, at_) + R"(: this {{ is never closed; end it with }}, or write \{{ for the two characters)");
    }
    auto compiled = Expression::compile(std::string(text_.substr(start, tokens->end)));
    if (!compiled) return placed(std::move(compiled).error(), text_, start);
    parts_.push_back({{}, *std::move(compiled)});
    at_ = start + tokens->end + 2;
    return {};
  }

  void flush() {
    if (!literal_.empty()) parts_.push_back({std::exchange(literal_, {}), nullptr});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string literal_;
  std::vector<Part> parts_;
};

bool is_expression(const Part& part) { return part.expression != nullptr; }

std::shared_ptr<const Template::Program> finish(std::vector<Part> parts) {
  auto program = std::make_shared<Template::Program>();
  const auto expressions = std::ranges::count_if(parts, is_expression);
  const bool blank_around =
      std::ranges::all_of(parts, [](const Part& part) { return is_expression(part) || is_blank(part.text); });
  program->single = expressions == 1 && blank_around;
  if (program->single) std::erase_if(parts, [](const Part& part) { return !is_expression(part); });
  if (expressions == 0) program->literal = Value(parts.empty() ? std::string() : parts[0].text);
  program->native = std::ranges::all_of(parts, [](const Part& part) {
    return !is_expression(part) || part.expression->path() || part.expression->native();
  });
  for (const Part& part : parts) {
    if (is_expression(part)) part.expression->collect_nodes(program->nodes);
  }
  program->parts = std::move(parts);
  return program;
}

}  // namespace

Result<Template> Template::compile(std::string_view text) {
  MBF_TRY(std::vector<Part> parts, Splitter(text).run());
  Template result;
  result.program_ = finish(std::move(parts));
  return result;
}

Result<Template> Template::compile_path(std::string_view path) {
  MBF_TRY(Path parsed, parse_data_path(path));
  std::vector<Part> parts;
  parts.push_back({{}, Expression::of_path(std::move(parsed), std::string(path))});
  Template result;
  result.program_ = finish(std::move(parts));
  return result;
}

bool Template::is_literal() const { return !program_->single && std::ranges::none_of(program_->parts, is_expression); }
bool Template::is_native() const { return program_->native; }
const std::vector<std::string>& Template::nodes() const { return program_->nodes; }

}  // namespace mbflow::expr
