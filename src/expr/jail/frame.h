// The words between the engine and a jailed process: length-prefixed frames over a socket pair. Both ends are the same
// binary on one machine, so numbers travel as they lie in memory. Whatever the jail sends is data from a stranger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mbflow::expr {

constexpr std::size_t max_request = 24 << 20;
constexpr std::size_t max_answer = 24 << 20;

struct Request {
  std::uint64_t id = 0;
  std::string_view language;
  std::string_view program;
  std::string_view input;  // JSON
};

enum class Verdict : std::uint8_t { ready, done, program, too_much };
struct Answer {
  std::uint64_t id = 0;
  Verdict verdict = Verdict::done;
  std::string text;  // of done: a JSON array of the outputs; else what went wrong
};

[[nodiscard]] std::string pack(const Request& request);
[[nodiscard]] std::optional<Request> unpack_request(std::string_view body);  // views into the body

[[nodiscard]] std::string pack(const Answer& answer);
// Takes one whole frame off the front of `bytes`. Nothing and ok: more is to come; not ok: these are no frames.
struct Taken {
  std::optional<Answer> answer;
  bool ok = true;
};
[[nodiscard]] Taken take_answer(std::string& bytes);

// Every frame begins with the length of the rest.
using FrameLength = std::uint32_t;

}  // namespace mbflow::expr
