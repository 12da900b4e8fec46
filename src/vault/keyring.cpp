#include "vault/keyring.h"

#include "base/hash.h"
#include "base/time.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace mbflow::vault {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t longest_file = 1 << 20;
constexpr std::string_view heading =
    "# MBFlow's master keys. Without them credentials and secret variables cannot be opened: keep a copy, apart from the database.\n";

Error file_fault(std::string message) { return fail(Kind::invalid, "vault.keys_file", std::move(message)); }

Error system_fault(const std::string& path, const char* what) {
  return file_fault("the keys file " + path + " cannot be " + what + ": " + std::strerror(errno));
}

class File {
 public:
  explicit File(int handle) : handle_(handle) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (handle_ >= 0) ::close(handle_);
  }
  [[nodiscard]] int get() const { return handle_; }
  [[nodiscard]] bool ok() const { return handle_ >= 0; }

 private:
  int handle_;
};

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// systemd gives credentials to a group through an access list, which looks like group rights.
bool is_given_by_systemd(const std::string& path) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder != nullptr && *folder != '\0' && path.starts_with(std::string(folder) + "/");
}

Result<void> check_rights(const std::string& path, int handle) {
  struct stat info {};
  if (::fstat(handle, &info) != 0) return system_fault(path, "looked at");
  const mode_t foreign = is_given_by_systemd(path) ? 0037 : 0077;
  if ((info.st_mode & foreign) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", info.st_mode & 07777);
  return fail(Kind::invalid, "vault.keys_rights",
              "the keys file " + path + " may be used by others (mode " + mode.data() + "); run: chmod 600 " + path);
}

// The id of a key is made from it: a line whose parts do not belong together is seen.
std::string id_of(std::string_view key) { return "k" + to_hex(sha256("mbflow master key " + std::string(key))).substr(0, 11); }

Result<MasterKey> parse_line(const std::string& path, int number, const std::string& line) {
  std::istringstream words(line);
  MasterKey key;
  std::string coded;
  words >> key.id >> key.created >> coded;
  auto bytes = base64_decode(coded);
  wipe(coded);
  if (!bytes || bytes->size() != key_bytes || id_of(*bytes) != key.id) {
    return file_fault("line " + std::to_string(number) + " of the keys file " + path + " is damaged; put a copy of the file in its place");
  }
  key.bytes = Secret(*bytes);
  wipe(*bytes);
  return key;
}

bool write_all(int handle, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(handle, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<std::string> read_all(const std::string& path, int handle) {
  std::string text;
  text.reserve(longest_file / 16);  // grown, a copy would be left behind
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t got = ::read(handle, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_fault(path, "read");
    if (got == 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > longest_file) return file_fault("the keys file " + path + " is too large to be one");
  }
  ::explicit_bzero(part.data(), part.size());
  return text;
}

}  // namespace

Result<void> Keyring::read() {
  const File file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) {
    keys_.clear();
    return {};
  }
  if (!file.ok()) return system_fault(path_, "opened");
  MBF_CHECK(check_rights(path_, file.get()));
  MBF_TRY(std::string text, read_all(path_, file.get()));
  std::vector<MasterKey> keys;
  int number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    std::string line = text.substr(from, end - from);
    from = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    auto key = parse_line(path_, number, line);
    wipe(line);
    if (!key) return std::move(key).error();
    keys.push_back(*std::move(key));
  }
  wipe(text);
  keys_ = std::move(keys);
  return {};
}

Result<void> Keyring::load() {
  const std::lock_guard lock(mutex_);
  return read();
}

const MasterKey* Keyring::look_up(std::string_view id) const {
  for (const auto& key : keys_)
    if (key.id == id) return &key;
  return nullptr;
}

// Another process may have added it since the file was read.
Result<MasterKey> Keyring::find(std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (look_up(id) == nullptr) MBF_CHECK(read());
  if (const MasterKey* key = look_up(id)) return *key;
  return fail(Kind::internal, "vault.key_missing",
              "the key " + std::string(id) + " is not in " + path_ + "; put the file there that belongs to this database (--keys-file)");
}

Result<MasterKey> Keyring::newest(Env& env) {
  const std::lock_guard lock(mutex_);
  MBF_CHECK(read());  // another process may have added one
  if (!keys_.empty()) return keys_.back();
  const File folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::flock(folder.get(), LOCK_EX) != 0) return system_fault(path_, "made");
  MBF_CHECK(read());  // another process may have made it while this one waited
  if (!keys_.empty()) return keys_.back();
  return append(env);
}

Result<MasterKey> Keyring::add(Env& env) {
  const std::lock_guard lock(mutex_);
  const File folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::flock(folder.get(), LOCK_EX) != 0) return system_fault(path_, "changed");
  MBF_CHECK(read());
  return append(env);
}

Result<void> Keyring::drop(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const File folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::flock(folder.get(), LOCK_EX) != 0) return system_fault(path_, "changed");
  MBF_CHECK(read());
  auto kept = keys_;
  std::erase_if(kept, [&](const MasterKey& key) { return key.id == id; });
  return write(kept);
}

// With the folder locked and the file just read.
Result<MasterKey> Keyring::append(Env& env) {
  std::array<std::uint8_t, key_bytes> bytes{};
  env.random(bytes);
  const std::string_view raw(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  MasterKey key{id_of(raw), format_timestamp(env.now()), Secret(raw)};
  ::explicit_bzero(bytes.data(), bytes.size());
  auto keys = keys_;
  keys.push_back(key);
  MBF_CHECK(write(keys));
  return key;
}

// A whole new file in the place of the old one: whoever reads, and a crash at any moment, finds one or the other.
Result<void> Keyring::write(const std::vector<MasterKey>& keys) {
  std::string text(heading);
  for (const auto& key : keys) text += key.id + " " + key.created + " " + base64_encode(key.bytes.reveal()) + "\n";
  const std::string fresh = path_ + ".new";
  ::unlink(fresh.c_str());
  const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool written = file.ok() && write_all(file.get(), text) && ::fsync(file.get()) == 0;
  wipe(text);
  if (!written || ::rename(fresh.c_str(), path_.c_str()) != 0) {
    const Error error = system_fault(path_, "written");
    ::unlink(fresh.c_str());
    return error;
  }
  const File folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok() || ::fsync(folder.get()) != 0) return system_fault(path_, "written");
  keys_ = keys;
  return {};
}

std::vector<MasterKey> Keyring::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<MasterKey> keys = keys_;
  for (auto& key : keys) key.bytes = {};
  return keys;
}

}  // namespace mbflow::vault
