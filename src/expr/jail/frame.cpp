#include "expr/jail/frame.h"

#include <cstring>

namespace mbflow::expr {
namespace {

template <class Number>
void put(std::string& out, Number number) {
  char raw[sizeof number];
  std::memcpy(raw, &number, sizeof number);
  out.append(raw, sizeof raw);
}

template <class Number>
bool take(std::string_view& from, Number& number) {
  if (from.size() < sizeof number) return false;
  std::memcpy(&number, from.data(), sizeof number);
  from.remove_prefix(sizeof number);
  return true;
}

bool take_text(std::string_view& from, std::string_view& text) {
  FrameLength size = 0;
  if (!take(from, size) || size > from.size()) return false;
  text = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<FrameLength>(text.size()));
  out.append(text);
}

std::string framed(const std::string& body) {
  std::string frame;
  frame.reserve(sizeof(FrameLength) + body.size());
  put(frame, static_cast<FrameLength>(body.size()));
  return frame += body;
}

}  // namespace

std::string pack(const Request& request) {
  std::string body;
  body.reserve(request.program.size() + request.input.size() + 64);
  put(body, request.id);
  put_text(body, request.language);
  put_text(body, request.program);
  body.append(request.input);
  return framed(body);
}

std::optional<Request> unpack_request(std::string_view body) {
  Request request;
  if (!take(body, request.id) || !take_text(body, request.language) || !take_text(body, request.program))
    return std::nullopt;
  request.input = body;
  return request;
}

std::string pack(const Answer& answer) {
  std::string body;
  body.reserve(answer.text.size() + 16);
  put(body, answer.id);
  put(body, static_cast<std::uint8_t>(answer.verdict));
  return framed(body += answer.text);
}

Taken take_answer(std::string& bytes) {
  std::string_view rest = bytes;
  FrameLength length = 0;
  if (!take(rest, length)) return {};
  Answer answer;
  std::uint8_t verdict = 0;
  constexpr std::size_t head = sizeof answer.id + sizeof verdict;
  if (length < head || length > max_answer + head) return {std::nullopt, false};
  if (rest.size() < length) return {};
  rest = rest.substr(0, length);
  (void)take(rest, answer.id);
  (void)take(rest, verdict);
  if (verdict > static_cast<std::uint8_t>(Verdict::too_much)) return {std::nullopt, false};
  answer.verdict = static_cast<Verdict>(verdict);
  answer.text = rest;
  bytes.erase(0, sizeof length + length);
  return {std::move(answer), true};
}

}  // namespace mbflow::expr
