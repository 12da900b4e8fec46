// "settings" of a workflow.
#include "model/draft.h"
#include "model/fields.h"
#include "model/names.h"

#include <algorithm>

namespace mbflow {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// The shape of an IANA zone; whether the zone exists is known where the zone files are.
bool looks_like_zone(std::string_view zone) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '+' || c == '-';
  };
  return !zone.empty() && zone.size() <= 64 && zone.front() != '/' && std::ranges::all_of(zone, fits);
}

void read_timezone(Fields& fields, std::string& out) {
  std::string zone = out;
  fields.text("timezone", zone, {});
  if (looks_like_zone(zone)) {
    out = zone;
    return;
  }
  fields.faults().add(fields.at("timezone"), "document.bad_value",
                      "'timezone' must be the name of a time zone such as UTC or Europe/Moscow");
}

Value read_concurrency(const Value& value, const std::string& at, FaultList& faults) {
  Fields fields(value, at, faults);
  int limit = 0;
  std::string key;
  if (!value.find("limit")) fields.missing("limit", "how many executions may run at a time");
  fields.integer("limit", limit, 1, 10'000);
  fields.text("key", key, {.most = 1000});
  fields.finish();
  ObjectBuilder builder;
  builder.append("limit", limit);
  if (!key.empty()) builder.append("key", key);
  return builder.build();
}

Value read_retention(const Value& value, const std::string& at, FaultList& faults) {
  Fields fields(value, at, faults);
  ObjectBuilder builder;
  for (const auto& [name, most] : {std::pair("days", 36'500), std::pair("count", 1'000'000'000), std::pair("size", 100'000'000)}) {
    int number = 0;
    fields.integer(name, number, 1, most);
    if (number > 0) builder.append(name, number);
  }
  fields.finish();
  return builder.build();
}

}  // namespace

void read_settings(const Value& value, const std::string& at, Settings& settings, FaultList& faults) {
  Fields fields(value, at, faults);
  if (const auto timeout = fields.take_or_null("timeout")) {
    Duration duration{};
    fields.duration(timeout, duration, milliseconds(1), hours(24 * 365));
    if (duration > Duration::zero()) settings.timeout = duration;
  }
  ObjectBuilder rest;
  if (const Value* concurrency = fields.object("concurrency")) {
    rest.append("concurrency", read_concurrency(*concurrency, fields.at("concurrency"), faults));
  }
  fields.text(fields.take_or_null("on_failure"), "on_failure", settings.on_failure, {});
  read_timezone(fields, settings.timezone);
  if (const Value* retention = fields.object("retention")) {
    const Value read = read_retention(*retention, fields.at("retention"), faults);
    if (read.size() != 0) rest.append("retention", read);
  }
  fields.choice<Durability>("durability", settings.durability, names::durability);
  if (settings.durability == Durability::none && rest.find("concurrency")) {
    faults.add(fields.at("concurrency"), "document.bad_value",
               "'concurrency' needs a queue that is saved; set 'durability' to full or relaxed, or leave 'concurrency' out");
  }
  if (settings.durability == Durability::none && !settings.on_failure.empty()) {
    faults.add(fields.at("on_failure"), "document.bad_value",
               "'on_failure' needs an end that is saved; set 'durability' to full or relaxed, or leave 'on_failure' out");
  }
  fields.finish();
  settings.rest = rest.build();
}

}  // namespace mbflow
