// Who may call a webhook: secrets that are sent, and signatures of the raw body.
#include "base/hash.h"
#include "net/egress.h"
#include "trigger/webhook.h"

#include <algorithm>

namespace mbflow::trigger {
namespace {

Error denied(std::string message) { return fail(Kind::denied, "webhook.denied", std::move(message)); }

std::string_view header(const WebhookCall& call, std::string_view name) {
  const auto* value = find_header(call.headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

// A timestamp further away than this is a replay or a broken clock (standardwebhooks.com, Stripe's and Slack's docs: 5 minutes).
constexpr std::chrono::seconds signature_window{300};

bool is_recent(std::string_view seconds, Timestamp now) {
  std::int64_t at = 0;
  for (char c : seconds) {
    if (c < '0' || c > '9' || at > 100'000'000'000) return false;
    at = at * 10 + (c - '0');
  }
  const auto signed_at = Timestamp(std::chrono::seconds(at));
  return !seconds.empty() && std::chrono::abs(now - signed_at) <= signature_window;
}

// The parts of a list such as "t=1,v1=abc" or "v1,abc v1,def", whose key is `key`.
bool any_part_equals(std::string_view list, char between, std::string_view prefix, std::string_view expected) {
  bool found = false;
  while (!list.empty()) {
    const auto end = std::min(list.find(between), list.size());
    const auto part = list.substr(0, end);
    if (part.starts_with(prefix) && equal_constant_time(part.substr(prefix.size()), expected)) found = true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return found;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const auto part : parts) all += part;
  return all;
}

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
bool is_standard_signed(const WebhookCall& call, std::string_view secret) {
  const auto id = header(call, "webhook-id");
  const auto at = header(call, "webhook-timestamp");
  if (id.empty() || !is_recent(at, call.now)) return false;
  std::string key(secret);
  if (secret.starts_with("whsec_")) key = base64_decode(secret.substr(6)).value_or("");
  if (key.empty()) return false;
  const std::string code = base64_encode(hmac_sha256(key, joined({id, ".", at, ".", call.body})));
  return any_part_equals(header(call, "webhook-signature"), ' ', "v1,", code);
}

// https://docs.stripe.com/webhooks#verify-manually
bool is_stripe_signed(const WebhookCall& call, std::string_view secret) {
  const auto signature = header(call, "stripe-signature");
  std::string_view at;
  for (auto rest = signature; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    if (rest.starts_with("t=")) at = rest.substr(2, end - 2);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!is_recent(at, call.now)) return false;
  return any_part_equals(signature, ',', "v1=", to_hex(hmac_sha256(secret, joined({at, ".", call.body}))));
}

// https://docs.slack.dev/authentication/verifying-requests-from-slack
bool is_slack_signed(const WebhookCall& call, std::string_view secret) {
  const auto at = header(call, "x-slack-request-timestamp");
  if (!is_recent(at, call.now)) return false;
  const std::string expected = "v0=" + to_hex(hmac_sha256(secret, joined({"v0:", at, ":", call.body})));
  return equal_constant_time(header(call, "x-slack-signature"), expected);
}

// https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
bool is_github_signed(const WebhookCall& call, std::string_view secret) {
  const std::string expected = "sha256=" + to_hex(hmac_sha256(secret, call.body));
  return equal_constant_time(header(call, "x-hub-signature-256"), expected);
}

bool is_signed(const WebhookCall& call, const Value& auth) {
  const auto secret = auth["secret"].as_string();
  const auto scheme = auth["scheme"].as_string();
  if (scheme == "github") return is_github_signed(call, secret);
  if (scheme == "stripe") return is_stripe_signed(call, secret);
  if (scheme == "slack") return is_slack_signed(call, secret);
  return is_standard_signed(call, secret);
}

bool is_proven(const Value& auth, const WebhookCall& call) {
  if (auth.as_string() == "public") return true;
  const auto type = auth["type"].as_string();
  if (type == "header") {
    const auto given = header(call, auth["name"].as_string());
    return !given.empty() && equal_constant_time(given, auth["value"].as_string());
  }
  const auto given = header(call, "authorization");
  if (type == "bearer") return equal_constant_time(given, joined({"Bearer ", auth["token"].as_string()}));
  if (type == "basic") {
    const std::string pair = joined({auth["username"].as_string(), ":", auth["password"].as_string()});
    return equal_constant_time(given, "Basic " + base64_encode(pair));
  }
  return type == "hmac" && is_signed(call, auth);
}

// Addresses are compared as addresses: "10.0.0.1" lets nobody in who comes from 10.0.0.11.
bool may_come_from(const Value& ranges, std::string_view peer) {
  if (ranges.size() == 0) return true;
  const auto address = net::Address::parse(peer);
  return address && std::ranges::any_of(ranges.elements(), [&](const Value& range) {
    const auto cidr = net::Cidr::parse(range.as_string());
    return cidr && cidr->contains(*address, 0);
  });
}

}  // namespace

Result<void> authorize(const Value& config, const WebhookCall& call) {
  if (!may_come_from(config["allow_from"], call.peer)) return denied("this webhook is not open to the address the call came from");
  if (!is_proven(config["auth"], call)) return denied("the call does not carry what this webhook's auth asks for");
  return {};
}

std::vector<Error> webhook_faults(const Value& config) {
  std::vector<Error> faults;
  const auto ranges = config["allow_from"].elements();
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto cidr = net::Cidr::parse(ranges[i].as_string());
    if (cidr && !cidr->port) continue;
    const std::string why = cidr ? "a caller's port says nothing: leave it out" : cidr.error().message;
    faults.push_back(fail(Kind::invalid, "webhook.range", why).with_at("/allow_from/" + std::to_string(i)));
  }
  return faults;
}

}  // namespace mbflow::trigger
