#include "expr/program.h"

#include <algorithm>
#include <string>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr std::size_t max_source = 32 << 10;

// npos: beyond the end, in what we wrap around the source.
std::size_t offset_of(std::string_view source, int line, int column) {
  std::size_t at = 0;
  for (; line > 1; --line) {
    const std::size_t end = source.find('\n', at);
    if (end == std::string_view::npos) return std::string_view::npos;
    at = end + 1;
  }
  return std::min(at + static_cast<std::size_t>(std::max(column, 1)) - 1, source.size());
}

Error syntax_error(std::string_view source, const SyntaxFault& fault) {
  const std::size_t at = offset_of(source, fault.line, fault.column);
  if (at != std::string_view::npos)
    return fail(Kind::invalid, "expr.syntax", fault.message).with_at(std::to_string(at));
  const std::size_t end = source.find_last_not_of(" \t\r\n") + 1;
  return fail(Kind::invalid, "expr.syntax", "the expression ends before it is complete").with_at(std::to_string(end));
}

}  // namespace

Result<std::shared_ptr<const Expression>> Expression::compile(std::string source) {
  auto expression = std::make_shared<Expression>();
  if (source.size() > max_source) {
    return fail(Kind::invalid, "expr.syntax", "the expression is longer than 32 KiB; use a code node").with_at("0");
  }
  expression->source_ = std::move(source);
  MBF_TRY(expression->tokens_, tokenize(expression->source_));
  if (expression->tokens_.list.empty())
    return fail(Kind::invalid, "expr.syntax", "the expression is empty").with_at("0");
  auto path = parse_path(expression->source_, expression->tokens_.list, 0);
  if (path && path->next == expression->tokens_.list.size()) {
    expression->path_ = std::move(path->path);
  } else {
    expression->native_ = parse_native(expression->source_, expression->tokens_);
  }
  if (!expression->path_ && !expression->native_) {
    const CompiledScript& script = expression->script();
    if (!script.code.ok()) return syntax_error(expression->source_, script.code.fault);
  }
  return std::shared_ptr<const Expression>(std::move(expression));
}

std::shared_ptr<const Expression> Expression::of_path(Path path, std::string source) {
  auto expression = std::make_shared<Expression>();
  expression->source_ = std::move(source);
  expression->path_ = std::move(path);
  return expression;
}

const CompiledScript& Expression::compiled(Lazy& lazy, bool slots) const {
  std::call_once(lazy.once, [&] { lazy.code = compile_expression(source_, tokens_.list, slots); });
  return lazy.code;
}

void Expression::collect_nodes(std::vector<std::string>& nodes) const {
  for (std::size_t i = 0; i + 3 < tokens_.list.size(); ++i) {
    const auto text = [&](std::size_t ahead) { return tokens_.list[i + ahead].text(source_); };
    if (text(0) != "$" || text(1) != "(" || tokens_.list[i + 2].kind != Token::Kind::string || text(3) != ")") continue;
    auto name = string_token(text(2));
    if (name && std::ranges::find(nodes, *name) == nodes.end()) nodes.push_back(*std::move(name));
  }
}

}  // namespace mbflow::expr
