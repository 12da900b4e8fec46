#include "pages.h"

#include "call.h"
#include "nodes/config_parse.h"

namespace mbflow::nodes::http {
namespace {

// The target of rel="next" in a Link header (RFC 8288).
std::string_view next_link(std::string_view header) {
  while (!header.empty()) {
    const std::size_t open = header.find('<');
    const std::size_t close = header.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const std::string_view target = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const std::string_view parameters = header.substr(0, header.find('<'));
    if (parameters.contains("rel=\"next\"") || parameters.contains("rel=next")) return target;
  }
  return {};
}

}  // namespace

Result<Pages> Pages::make(const Config& config) {
  Pages pages;
  pages.config_.type = Type::none;
  if (config.pagination) pages.config_ = *config.pagination;
  auto next = Path::parse(pages.config_.next.value_or(""));
  if (!next) return in_member(in_member(std::move(next).error(), "next"), "pagination");
  pages.next_ = *std::move(next);
  pages.position_ = pages.config_.start.value_or(pages.config_.type == Type::page ? 1 : 0);
  return pages;
}

std::string Pages::parameter() const { return config_.parameter.value_or(std::string(to_string(config_.type))); }

Url Pages::first(Url url) const {
  if (config_.type == Type::page || config_.type == Type::offset) url.set_query(parameter(), std::to_string(position_));
  return url;
}

std::optional<Url> Pages::counted(const Url& url, const Value& items) {
  const auto count = static_cast<std::int64_t>(items.is_array() ? items.size() : 0);
  if (count == 0 || (config_.size && count < *config_.size)) return std::nullopt;
  position_ += config_.type == Type::page ? 1 : count;
  Url next = url;
  next.set_query(parameter(), std::to_string(position_));
  return next;
}

Result<std::optional<Url>> Pages::after(const Url& url, const HttpResponse& response, const Value& body,
                                        const Value& items) {
  using Next = std::optional<Url>;
  if (config_.type == Type::none) return Next();
  if (config_.type == Type::page || config_.type == Type::offset) return Next(counted(url, items));
  const Value* found = next_.find(body);
  std::string target = found != nullptr && is_truthy(*found) ? plain_text(*found) : std::string();
  if (config_.type == Type::link_header) {
    const std::string* header = find_header(response.headers, "Link");
    target = header == nullptr ? std::string_view() : next_link(*header);
  }
  if (target.empty()) return Next();
  if (config_.type == Type::cursor) {
    Url next = url;
    next.set_query(parameter(), target);
    return Next(std::move(next));
  }
  auto base = Url::parse(response.url);
  MBF_TRY(Url next, (base ? *base : url).resolve(target));
  // A server that names the same page again would be asked for ever.
  if (next.text() == url.text()) return Next();
  return Next(std::move(next));
}

}  // namespace mbflow::nodes::http
