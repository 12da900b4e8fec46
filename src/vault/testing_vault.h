// A vault over a store in memory and a server that answers as it is told: for the tests beside it.
#pragma once

#include "vault/vault.h"

#include "base/hash.h"
#include "base/manual_loop.h"
#include "store/memory/memory_store.h"
#include "vault/signer.h"
#include "vault/types.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mbflow::vault {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

// Answers as it is told, after the signer has had its say: what a server would see.
class Server final : public HttpClient {
 public:
  explicit Server(Loop& loop) : loop_(loop) {}
  std::function<HttpResponse(const HttpRequest&)> answer = [](const HttpRequest&) { return HttpResponse{200, {}, "{}", ""}; };
  std::vector<HttpRequest> seen;
  Duration takes{};

  Task<Result<HttpResponse>> send(HttpRequest request, std::stop_token) override {
    if (request.signer) MBF_CO_CHECK(request.signer->sign(request, false));
    seen.push_back(request);
    if (takes > Duration::zero()) (void)co_await sleep_for(loop_, takes, std::stop_token());
    co_return answer(request);
  }

 private:
  Loop& loop_;
};

inline std::string header(const HttpRequest& request, std::string_view name) {
  const std::string* value = find_header(request.headers, name);
  return value == nullptr ? "" : *value;
}

class VaultTest : public testing::Test {
 protected:
  VaultTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mbflow-vault-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    make();
  }
  ~VaultTest() override { std::filesystem::remove_all(folder); }

  void make() {
    Options options;
    options.keys_file = folder + "/keys";
    options.current_loop = [this] { return &loop; };
    vault = std::make_unique<Vault>(*store, server, env, std::move(options));
  }
  template <class T>
  T now(Task<T> task) {
    std::optional<T> result;
    spawn(loop, keep<T>(std::move(task), result));
    loop.run_ready();
    return *std::move(result);
  }
  template <class T>
  std::string code(Result<T> result) {
    return result ? "ok" : result.error().code;
  }
  static Value body(std::string_view json) { return *parse_json(json); }
  store::Entry saved(std::string_view json) {
    auto entry = now(vault->save_credential(tenant, std::nullopt, body(json), std::nullopt));
    EXPECT_TRUE(entry) << entry.error().code << " " << entry.error().message << " " << entry.error().at;
    return entry ? *entry : store::Entry();
  }
  store::Entry bearer(std::string name = "api", std::string secret = "canary-secret") {
    return saved(R"({"name": ")" + name + R"(", "type": "bearer", "fields": {"token": ")" + secret + R"("}, "origins": ["https://api.example.com"]})");
  }
  Result<HttpResponse> call(std::string credential, std::string url = "https://api.example.com/x") {
    HttpRequest request;
    request.url = std::move(url);
    request.credential = std::move(credential);
    return now(vault->send(tenant, std::move(request), {}));
  }

  ManualLoop loop;
  ManualEnv env{1, &loop};
  std::string folder;
  Server server{loop};
  std::unique_ptr<store::Store> store = store::make_memory_store(env);
  std::unique_ptr<Vault> vault;
  TenantId tenant = TenantId::make(env);
};

}  // namespace mbflow::vault
