#include "app/mock_answers.h"

#include <mbflow/json.h>

#include <algorithm>
#include <array>

namespace mbflow::app {
namespace {

Value user(int id, std::string_view name, std::string_view city, int age, bool active) {
  std::string email(name.substr(0, name.find(' ')));
  std::ranges::transform(email, email.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return Value::object({{"id", id},
                        {"name", name},
                        {"email", email + "@example.com"},
                        {"age", age},
                        {"address", Value::object({{"city", city}})},
                        {"active", active}});
}

constexpr std::array<std::string_view, 10> good_words = {"good",  "great", "love",  "excellent", "happy",
                                                         "thank", "fast",  "works", "perfect",   "recommend"};
constexpr std::array<std::string_view, 10> bad_words = {"bad",   "broken", "hate",   "terrible", "angry",
                                                        "refund", "slow",  "crash", "awful",    "never"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

int matches(const std::string& text, std::span<const std::string_view> words) {
  return static_cast<int>(std::ranges::count_if(words, [&](std::string_view word) { return text.find(word) != std::string::npos; }));
}

// -1 … 1: how much more good than bad there is in a text.
double mood(std::string_view text) {
  const std::string words = lower(text);
  const int good = matches(words, good_words);
  const int bad = matches(words, bad_words);
  return good + bad == 0 ? 0.0 : static_cast<double>(good - bad) / (good + bad);
}

std::string_view name_of(double score) { return score > 0 ? "positive" : score < 0 ? "negative" : "neutral"; }

// A content is a text or a list of parts with texts.
std::string text_of(const Value& content) {
  if (content.is_string()) return std::string(content.as_string());
  std::string text;
  for (const auto& part : content.elements()) text.append(part["text"].as_string()).push_back(' ');
  return text;
}

std::int64_t count_words(std::string_view text) { return 1 + std::ranges::count(text, ' '); }

Value usage(std::int64_t prompt, std::int64_t completion) {
  return Value::object({{"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}});
}

}  // namespace

Value mock_users() {
  static const Value people = Value::array({user(1, "Ada Byron", "London", 36, true), user(2, "Boris Orlov", "Kazan", 17, true),
                                            user(3, "Chen Wei", "Chengdu", 52, false), user(4, "Dina Petrova", "Moscow", 29, true),
                                            user(5, "Emil Novak", "Brno", 12, false), user(6, "Fatima Zahra", "Fes", 41, true)});
  return people;
}

Result<Value> mock_chat(const Value& request) {
  const auto messages = request["messages"].elements();
  if (messages.empty()) return fail(Kind::invalid, "mock.request", "messages is required");
  std::int64_t prompt = 0;
  for (const auto& message : messages) prompt += count_words(text_of(message["content"]));
  const double score = mood(text_of(messages.back()["content"]));
  const auto format = request["response_format"]["type"].as_string();
  const std::string answer = format.starts_with("json")
                                 ? write_json(Value::object({{"sentiment", name_of(score)}, {"score", score}}))
                                 : std::string(name_of(score));
  const Value message = Value::object({{"role", "assistant"}, {"content", answer}, {"refusal", nullptr}});
  const Value choice = Value::object({{"index", 0}, {"message", message}, {"logprobs", nullptr}, {"finish_reason", "stop"}});
  return Value::object({{"id", "chatcmpl-mock"},
                        {"object", "chat.completion"},
                        {"created", 1'700'000'000},
                        {"model", request["model"].is_string() ? request["model"] : Value("mock")},
                        {"choices", Value::array({choice})},
                        {"usage", usage(prompt, count_words(answer))},
                        {"system_fingerprint", nullptr}});
}

}  // namespace mbflow::app
