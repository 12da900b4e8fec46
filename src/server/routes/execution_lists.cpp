// Lists of executions: by filters that an index serves, and by what must be looked for row by row, within a bound.
#include "base/yaml.h"
#include "server/routes/execution_search.h"
#include "server/routes/routes.h"
#include "store/filter.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr int rows_looked_at = 5'000;     // of one call, when the trigger is asked for
constexpr int journals_looked_at = 200;   // of one call, when the data is
constexpr int most_at_once = 1'000;

Result<Timestamp> time_query(const Call& call, std::string_view name) {
  const std::string text = call.query(name);
  if (text.empty()) return Timestamp{};
  auto at = parse_timestamp(text);
  if (at) return at;
  return fail(Kind::invalid, "request.query", "'" + std::string(name) + "' must be a time such as 2026-11-22T20:00:00Z");
}

// A cursor is the id of the row it follows, behind a "-" when it leads back.
Result<void> read_cursor(const Call& call, ExecutionSearch& search) {
  std::string cursor = call.query("cursor");
  if (cursor.empty()) return {};
  search.back = cursor.front() == '-';
  if (search.back) cursor.erase(0, 1);
  search.from = ExecutionId::parse(cursor);
  if (search.from) return {};
  return fail(Kind::invalid, "request.query", "'cursor' must be a next_cursor or prev_cursor of this list");
}

bool contains(const Value& value, const std::string& folded) { return store::fold_case(write_json(value)).contains(folded); }

bool has_value(const Value& item, const std::string& path, const std::string& wanted) {
  std::string pointer;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('.', at), path.size());
    pointer += "/" + pointer_escape(path.substr(at, end - at));
    at = end + 1;
  }
  const Value* found = resolve_pointer(item, pointer);
  return found && (found->is_string() ? found->as_string() == wanted : write_json(*found) == wanted);
}

// "path=value" in some item of what went in or came out; any other text anywhere in it, whatever its case.
bool holds(const runtime::Runtime::View& view, const std::string& text) {
  std::vector<Value> items;
  if (auto answer = engine::response_items(view.state)) {
    items = *std::move(answer);
  } else {
    // Of lists that are kept apart nothing is looked at: that would read them whole.
    for (const auto* port : engine::last_ports(*view.program->plan, view.state)) {
      for (const auto& item : port->items) items.push_back(item.json);
    }
  }
  for (const auto& item : view.state.start["input"].elements()) items.push_back(item);
  const auto sign = text.find('=');
  const std::string folded = store::fold_case(text);
  return std::ranges::any_of(items, [&](const Value& item) {
    if (sign != std::string::npos && sign > 0 && has_value(item, text.substr(0, sign), text.substr(sign + 1))) return true;
    return contains(item, folded);
  });
}

struct Page {
  std::vector<store::ExecutionRecord> records;  // in the order of the list
  bool more = false;                            // beyond the last one looked at
  ExecutionId reached;                          // that one
};

Task<Result<bool>> fits(Api& api, const ExecutionSearch& search, const store::ExecutionRecord& record) {
  if (!search.triggers.empty() && std::ranges::find(search.triggers, record.trigger) == search.triggers.end()) co_return false;
  if (search.text.empty()) co_return true;
  auto view = co_await api.runtime.inspect(record.tenant, record.id);
  // It may have been deleted meanwhile, and one that cannot be read any more holds nothing.
  co_return view && holds(*view, search.text);
}

Task<Result<Page>> find_page(Api& api, TenantId tenant, ExecutionSearch search) {
  store::ExecutionFilter filter = search.filter;
  const auto wanted = static_cast<std::size_t>(filter.limit);
  if (search.back) filter.oldest_first = !filter.oldest_first;
  const bool looks = !search.triggers.empty() || !search.text.empty();
  int budget = search.text.empty() ? rows_looked_at : journals_looked_at;
  filter.limit = looks ? std::min(200, budget) : filter.limit + 1;
  Page page;
  std::optional<ExecutionId> last = search.from;
  for (bool more = true; more && page.records.size() < wanted && budget > 0;) {
    if (last) (filter.oldest_first ? filter.after : filter.before) = last;
    MBF_CO_TRY(auto records, co_await api.services.store.executions(tenant, filter));
    more = records.size() == static_cast<std::size_t>(filter.limit);
    for (auto& record : records) {
      page.more = true;
      if (page.records.size() == wanted || --budget < 0) break;
      last = page.reached = record.id;
      MBF_CO_TRY(const bool fit, co_await fits(api, search, record));
      if (fit) page.records.push_back(std::move(record));
      page.more = more;
    }
  }
  if (search.back) std::ranges::reverse(page.records);
  co_return page;
}

Value cursor_of(const ExecutionId& id, bool back) { return Value((back ? "-" : "") + id.to_string()); }

Value page_to_json(const ExecutionSearch& search, const Page& page, std::vector<Value> items) {
  Value next, prev;
  const bool none = page.records.empty();
  if (!search.back && page.more) next = cursor_of(page.reached, false);
  if (!search.back && search.from && !none) prev = cursor_of(page.records.front().id, true);
  if (search.back && page.more) prev = cursor_of(page.reached, true);
  if (search.back && !none) next = cursor_of(page.records.back().id, false);
  return Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}, {"prev_cursor", prev}});
}

// What a bulk call is about: the ids it names, or the newest that its filter gives.
Task<Result<std::vector<ExecutionId>>> chosen(Api& api, const Call& call, std::vector<ExecutionStatus> usual) {
  MBF_CO_CHECK(only_fields(call.body, {"ids", "filter"}));
  std::vector<ExecutionId> ids;
  const Value& filter = call.body["filter"];
  if (filter.is_null() == call.body["ids"].is_null() || call.body["ids"].size() > most_at_once) {
    co_return fail(Kind::invalid, "request.body", "give \"ids\" (at most 1000) or \"filter\", one of the two");
  }
  for (const auto& id : call.body["ids"].elements()) {
    const auto parsed = ExecutionId::parse(id.as_string());
    if (!parsed) co_return fail(Kind::invalid, "request.body", "each of \"ids\" must be the id of an execution").with_at("/ids");
    ids.push_back(*parsed);
  }
  if (filter.is_null()) co_return ids;
  MBF_CO_TRY(auto wanted, read_filter(filter, std::move(usual)));
  wanted.limit = most_at_once;
  MBF_CO_TRY(auto records, co_await api.services.store.executions(call.who.tenant, std::move(wanted)));
  for (const auto& record : records) ids.push_back(record.id);
  co_return ids;
}

struct Outcomes {
  std::vector<Value> done, failed;
  void add(const ExecutionId& id, const Error* error) {
    if (!error) return done.emplace_back(id.to_string()), void();
    failed.push_back(Value::object({{"id", id.to_string()}, {"code", error->code}, {"message", error->message}}));
  }
  Reply reply() {
    Reply reply;
    reply.status = 202;
    reply.body = Value::object({{"done", Value::array(std::move(done))}, {"failed", Value::array(std::move(failed))}});
    return reply;
  }
};

}  // namespace

std::vector<std::string> list_query(const Call& call, std::string_view name) {
  std::vector<std::string> list;
  std::string text = call.query_all(name);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    if (end > at) list.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

Result<std::vector<ExecutionStatus>> read_statuses(const std::vector<std::string>& names) {
  std::vector<ExecutionStatus> statuses;
  for (const auto& name : names) {
    const auto status = parse_execution_status(name);
    if (!status) {
      return fail(Kind::invalid, "request.query", "'status' must be of queued, running, waiting, succeeded, failed, cancelled, held");
    }
    statuses.push_back(*status);
  }
  return statuses;
}

Result<store::ExecutionFilter> read_filter(const Value& json, std::vector<ExecutionStatus> usual) {
  MBF_CHECK(only_fields(json, {"workflow_id", "status", "since", "until"}));
  store::ExecutionFilter filter;
  const auto workflow = json["workflow_id"].as_string();
  if (!workflow.empty()) filter.workflow = WorkflowId::parse(workflow);
  if (!workflow.empty() && !filter.workflow) return fail(Kind::invalid, "request.body", "\"workflow_id\" must be an id").with_at("/filter/workflow_id");
  std::vector<std::string> names;
  for (const auto& name : json["status"].elements()) names.emplace_back(name.as_string());
  if (json["status"].is_string()) names.emplace_back(json["status"].as_string());
  MBF_TRY(filter.statuses, read_statuses(names));
  if (filter.statuses.empty()) filter.statuses = std::move(usual);
  if (json.find("since")) {
    MBF_TRY(filter.since, parse_timestamp(json["since"].as_string()));
  }
  if (json.find("until")) {
    MBF_TRY(filter.until, parse_timestamp(json["until"].as_string()));
  }
  return filter;
}

Result<ExecutionSearch> read_search(const Call& call) {
  ExecutionSearch search;
  MBF_TRY(search.filter.limit, int_query(call, "limit", 50, 1, 200));
  const std::string workflow = call.query("workflow_id");
  if (!workflow.empty()) search.filter.workflow = WorkflowId::parse(workflow);
  if (!workflow.empty() && !search.filter.workflow) return fail(Kind::invalid, "request.query", "'workflow_id' must be an id");
  MBF_TRY(search.filter.statuses, read_statuses(list_query(call, "status")));
  MBF_TRY(search.filter.since, time_query(call, "since"));
  MBF_TRY(search.filter.until, time_query(call, "until"));
  search.triggers = list_query(call, "trigger");
  search.text = call.query("q");
  const std::string sort = call.query("sort");
  search.filter.oldest_first = sort == "created_at";
  if (!sort.empty() && sort != "created_at" && sort != "-created_at") {
    return fail(Kind::invalid, "request.query", "'sort' must be created_at or -created_at");
  }
  MBF_CHECK(read_cursor(call, search));
  return search;
}

Task<Result<std::vector<std::string>>> names_of(Api& api, TenantId tenant, const std::vector<store::ExecutionRecord>& records) {
  std::vector<WorkflowId> ids;
  for (const auto& record : records) ids.push_back(record.workflow);
  return api.services.store.workflow_names(tenant, std::move(ids));
}

Task<Result<Reply>> list_executions(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor", "workflow_id", "status", "trigger", "since", "until", "sort", "q"}));
  MBF_CO_TRY(auto search, read_search(call));
  MBF_CO_TRY(auto page, co_await find_page(api, call.who.tenant, search));
  MBF_CO_TRY(auto names, co_await names_of(api, call.who.tenant, page.records));
  std::vector<Value> items;
  for (std::size_t i = 0; i < page.records.size(); ++i) items.push_back(summary_to_json(page.records[i], names[i]));
  Reply reply;
  reply.body = page_to_json(search, page, std::move(items));
  co_return reply;
}

Task<Result<Reply>> cancel_executions(Api& api, Call call) {
  using Status = ExecutionStatus;
  std::vector<Status> open{Status::queued, Status::running, Status::waiting, Status::held};
  MBF_CO_TRY(auto ids, co_await chosen(api, call, std::move(open)));
  Outcomes outcomes;
  for (const auto& id : ids) {
    auto done = co_await api.runtime.cancel(call.who.tenant, id, call.who.name, false);
    outcomes.add(id, done ? nullptr : &done.error());
  }
  co_return outcomes.reply();
}

Task<Result<Reply>> retry_executions(Api& api, Call call) {
  std::vector<ExecutionStatus> failed{ExecutionStatus::failed};
  MBF_CO_TRY(auto ids, co_await chosen(api, call, std::move(failed)));
  Outcomes outcomes;
  for (const auto& id : ids) {
    auto done = co_await api.runtime.retry(call.who.tenant, id);
    outcomes.add(id, done ? nullptr : &done.error());
  }
  co_return outcomes.reply();
}

}  // namespace mbflow::server
