// The contract of this API as it is served: api/openapi.yaml as JSON, and a page that shows it, without anything from elsewhere.
#include "base/hash.h"
#include "base/yaml.h"
#include "server/openapi.h"
#include "server/routes/routes.h"

#include <mbflow/json.h>

namespace mbflow::server {
namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1.5rem 4rem; font: 16px/1.5 system-ui, sans-serif; }
h2 { margin: 2.5rem 0 .5rem; }
details { border: 1px solid #8885; border-radius: .4rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .45rem .8rem; }
summary code { font-weight: 600; }
details > div { padding: 0 .8rem .8rem; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #8885; padding: .25rem .6rem .25rem 0; vertical-align: top; }
pre { overflow-x: auto; background: #8881; border-radius: .4rem; padding: .6rem; font-size: 14px; }
)";

// Text goes in as text only: nothing of the document becomes markup.
constexpr std::string_view script = R"(
const add = (parent, name, text) => { const made = document.createElement(name); if (text) made.textContent = text; parent.append(made); return made; };
const short = (schema) => !schema ? '' : schema.$ref ? schema.$ref.split('/').pop() : schema.type === 'array' ? short(schema.items) + '[]' : [schema.type].flat().join(' | ');
const showTable = (into, title, rows) => {
  if (!rows.length) return;
  add(into, 'h4', title);
  const table = add(into, 'table');
  for (const cells of rows) { const row = add(table, 'tr'); for (const cell of cells) add(row, 'td', cell); }
};
fetch('/api/openapi.json').then((answer) => answer.json()).then((api) => {
  const main = document.querySelector('main');
  const resolve = (part) => part.$ref ? part.$ref.split('/').slice(1).reduce((at, key) => at[key], api) : part;
  add(main, 'h1', api.info.title);
  add(main, 'p', api.info.description);
  for (const tag of api.tags) {
    add(main, 'h2', tag.name);
    if (tag.description) add(main, 'p', tag.description);
    for (const [path, methods] of Object.entries(api.paths)) for (const [method, call] of Object.entries(methods)) {
      if (!call.tags || !call.tags.includes(tag.name)) continue;
      const box = add(main, 'details');
      const head = add(box, 'summary');
      add(head, 'code', method.toUpperCase() + ' ' + path);
      head.append(' ' + call.summary);
      const inside = add(box, 'div');
      if (call.description) add(inside, 'p', call.description);
      showTable(inside, 'Parameters', (call.parameters || []).map(resolve).map((p) => [p.name, p.in, short(p.schema), p.description || '']));
      if (call.requestBody) showTable(inside, 'Body', Object.entries(call.requestBody.content).map(([type, c]) => [type, short(c.schema)]));
      showTable(inside, 'Answers', Object.entries(call.responses).map(([code, r]) => [code, resolve(r).description, Object.values(resolve(r).content || {}).map((c) => short(c.schema)).join(', ')]));
    }
  }
  add(main, 'h2', 'Schemas');
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const box = add(main, 'details');
    add(add(box, 'summary'), 'code', name);
    add(add(box, 'div'), 'pre', JSON.stringify(schema, null, 2));
  }
});
)";

std::string quoted_hash(std::string_view text) { return "'sha256-" + base64_encode(sha256(text)) + "'"; }

// Read once; a document that cannot be read is a fault of the build, which a test finds.
const std::string& openapi_json() {
  static const std::string json = [] {
    auto read = parse_yaml(openapi_yaml());
    return read ? write_json(read->value) : std::string("{}");
  }();
  return json;
}

}  // namespace

Task<Result<Reply>> get_openapi(Api&, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  co_return with_etag(call, openapi_json());
}

Task<Result<Reply>> get_docs(Api&, Call) {
  Reply reply;
  reply.content_type = "text/html; charset=utf-8";
  reply.text = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>MBFlow API</title>"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>" +
               std::string(style) + "</style></head><body><main></main><script>" + std::string(script) + "</script></body></html>\n";
  reply.headers.emplace_back("content-security-policy", "default-src 'none'; style-src " + quoted_hash(style) + "; script-src " +
                                                            quoted_hash(script) +
                                                            "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  co_return reply;
}

Reply with_etag(const Call& call, const std::string& json) {
  Reply reply;
  const std::string tag = '"' + to_hex(sha256(json)).substr(0, 32) + '"';
  reply.headers = {{"etag", tag}, {"cache-control", "no-cache"}};
  if (call.request.header("if-none-match").find(tag) != std::string_view::npos) {
    reply.status = 304;
    return reply;
  }
  reply.content_type = "application/json";
  reply.text = json;
  return reply;
}

}  // namespace mbflow::server
