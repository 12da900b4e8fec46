#include "answer.h"
#include "call.h"
#include "http.gen.h"
#include "nodes/config_parse.h"
#include "nodes/items.h"
#include "pages.h"

namespace mbflow::nodes::http {
namespace {

using Answer = Config::Response;

// The pages of one run are held together until it ends.
constexpr std::size_t max_total_bytes = std::size_t{256} << 20;

struct Page {
  std::optional<Value> body;
  Value items;  // the list of them, or the one value that is there instead
};

Result<Page> read_page(const Config& config, const Path& items, const HttpResponse& response) {
  Page page;
  MBF_TRY(page.body, read_body(config, response));
  if (!page.body) return page;
  if (config.response == Answer::full) {
    const Value* found = items.find(*page.body);
    if (found != nullptr) page.items = *found;
    return page;
  }
  MBF_TRY(page.items, find_items(config, items, *page.body));
  return page;
}

void add_items(const Config& config, const HttpResponse& response, const Page& page, Output& output) {
  if (config.response == Answer::full) {
    output.add(full_answer(response, page.body));
  } else if (page.items.is_array()) {
    for (const Value& element : page.items.elements()) output.add(as_item(element));
  } else {
    output.add(page.body ? as_item(page.items) : Value::object());
  }
}

Result<Path> items_path(const Config& config) {
  auto path = Path::parse(config.items);
  if (!path) return in_member(std::move(path).error(), "items");
  return path;
}

bool is_last(const Config& config, std::int64_t page, Context& context) {
  if (!config.pagination || page < config.pagination->max_pages) return false;
  context.log(LogLevel::warn,
              "stopped after " + std::to_string(page) + " pages; there are more, raise max_pages to fetch them");
  return true;
}

}  // namespace

Task<Result<Output>> run(const Config& config, Context& context) {
  MBF_CO_TRY(const Call call, Call::make(config, context));
  MBF_CO_TRY(const Path items, items_path(config));
  MBF_CO_TRY(Pages pages, Pages::make(config));
  Output output;
  Url url = pages.first(call.first);
  std::size_t total = 0;
  for (int number = 1;; ++number) {
    MBF_CO_TRY(HttpRequest request, call.to(url, number));
    MBF_CO_TRY(const HttpResponse response, co_await context.http().send(std::move(request), context.stop()));
    MBF_CO_CHECK(check_status(config, response, context.now()));
    total += response.body.size();
    if (total > max_total_bytes)
      co_return fail(Kind::invalid, "http.too_large", "the pages together are too large: lower max_pages");
    MBF_CO_TRY(const Page page, read_page(config, items, response));
    add_items(config, response, page, output);
    MBF_CO_TRY(const auto next, pages.after(url, response, page.body.value_or(Value()), page.items));
    if (!next || is_last(config, number, context)) break;
    url = *next;
  }
  co_return output;
}

}  // namespace mbflow::nodes::http
