// Value and small records to compact bytes: CBOR (RFC 8949), with tags 28/29 (value sharing,
// cbor.schmorp.de/value-sharing) so that a part shared between values of one message is written once and shared again
// when read. Journal chunks use it. Reading untrusted or damaged bytes never crashes: errors `cbor.syntax`,
// `cbor.depth`. What value() wrote is read by value(); the other calls read their namesakes.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mbflow {

// Appends CBOR items to a string. Records are written by hand: array(n) then n items.
class CborWriter {
 public:
  explicit CborWriter(std::string& out);
  ~CborWriter();
  CborWriter(const CborWriter&) = delete;
  CborWriter& operator=(const CborWriter&) = delete;
  void null();
  void boolean(bool value);
  void integer(std::int64_t value);
  void number(double value);
  void text(std::string_view text);
  void bytes(std::string_view bytes);
  void array(std::size_t size);
  void map(std::size_t size);
  // Blocks of at least `share_from` bytes that were already written through this writer become references. What was
  // written is kept alive until the writer goes, so that no other block can take its address. Deeper than
  // Value::max_depth it can be written but not read.
  static constexpr std::size_t share_from = 64;
  void value(const Value& value);

 private:
  struct Shared;
  void head(unsigned major, std::uint64_t argument);
  // True: the block was there already, and a reference is written.
  bool written_before(const Value& value);
  // The value, or of an array or object only the beginning.
  void open(const Value& value);

  std::string& out_;
  std::unique_ptr<Shared> shared_;
};

// Reads what CborWriter wrote. After the first failure every call gives an empty result and ok() is false; so a record
// is read straight through and checked once at its end.
class CborReader {
 public:
  explicit CborReader(std::string_view bytes);
  ~CborReader();
  CborReader(const CborReader&) = delete;
  CborReader& operator=(const CborReader&) = delete;
  [[nodiscard]] bool ok() const;
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] bool next_is_null();  // true: consumed
  bool boolean();
  std::int64_t integer();
  double number();
  std::string_view text();
  std::string_view bytes();
  std::size_t array();  // bounded by the bytes that are left
  std::size_t map();
  Value value();
  void skip();
  [[nodiscard]] Error error() const;

 private:
  struct Shared;
  struct Head {
    unsigned major = 0;
    unsigned form = 0;  // the low five bits: for majors below 7 only the size of the argument
    std::uint64_t argument = 0;
  };
  bool fail_with(const char* problem);
  bool take_head(Head& head);
  std::int64_t integer_of(const Head& head);
  std::string_view take_bytes(std::uint64_t size);
  std::string_view take_text(std::uint64_t size);
  Value read(int depth, bool skipping);
  Value read_array(std::uint64_t size, int depth, bool skipping);
  Value read_map(std::uint64_t size, int depth, bool skipping);
  Value read_key(int depth, bool skipping);
  Value read_tagged(std::uint64_t tag, int depth, bool skipping);
  Value read_plain(const Head& head);
  Shared& shared();

  std::string_view rest_;
  std::size_t size_;
  const char* problem_ = nullptr;
  bool too_deep_ = false;
  std::unique_ptr<Shared> shared_;
};

}  // namespace mbflow
