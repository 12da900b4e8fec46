// Runs a libFuzzer target without libFuzzer: each file of its corpus, then a fixed series of mutations of them.
// The seed is constant, so a failure is the same on every machine; real fuzzing is the fuzz preset's work.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr std::size_t mutations = 4000;
constexpr std::size_t max_size = 4096;

using Input = std::vector<std::uint8_t>;

Input current;  // what is being run, for the report of a crash by exception

void run(const Input& input) {
  current = input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // the order of a directory differs between machines
  std::vector<Input> corpus;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return corpus;
}

void mutate(Input& input, const Input& other, std::mt19937_64& random) {
  auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % std::max<std::size_t>(bound, 1)); };
  auto at = [&](std::size_t size) { return static_cast<std::ptrdiff_t>(below(size)); };
  switch (below(5)) {
    case 0:
      if (!input.empty()) input[below(input.size())] = static_cast<std::uint8_t>(random());
      break;
    case 1:
      if (!input.empty()) input[below(input.size())] ^= static_cast<std::uint8_t>(1U << below(8));
      break;
    case 2:
      input.insert(input.begin() + at(input.size() + 1), static_cast<std::uint8_t>(random()));
      break;
    case 3:
      if (!input.empty()) input.erase(input.begin() + at(input.size()), input.end() - at(2));
      break;
    default:  // splice in a piece of another sample
      if (!other.empty()) {
        auto from = other.begin() + at(other.size());
        auto length = std::min<std::ptrdiff_t>(other.end() - from, 64);
        Input piece(from, from + length);
        input.insert(input.begin() + at(input.size() + 1), piece.begin(), piece.end());
      }
  }
  if (input.size() > max_size) input.resize(max_size);
}

int replay(const char* folder) {
  auto corpus = read_corpus(folder);
  for (const auto& input : corpus) run(input);
  auto files = corpus.size();
  corpus.push_back({});
  std::mt19937_64 random(20240601);
  for (std::size_t i = 0; i < mutations; ++i) {
    Input input = corpus[random() % corpus.size()];
    auto rounds = 1 + random() % 8;
    for (std::size_t round = 0; round < rounds; ++round) mutate(input, corpus[random() % corpus.size()], random);
    run(input);
  }
  std::printf("%zu files, %zu mutations\n", files, mutations);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  try {
    return replay(argv[1]);
  } catch (const std::exception& error) {
    std::ofstream("fuzz-crash.bin", std::ios::binary).write(reinterpret_cast<const char*>(current.data()), static_cast<std::streamsize>(current.size()));
    std::fprintf(stderr, "the target threw: %s; its input is in fuzz-crash.bin\n", error.what());
    return 1;
  }
}
