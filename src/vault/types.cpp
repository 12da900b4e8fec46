#include "vault/types.h"

#include <mbflow/json.h>

#include <cstdlib>
#include <string>

namespace mbflow::vault {
namespace {

// One object a type; `text.ru` has the same texts in Russian. A field of format "secret" is sealed and never shown.
constexpr const char* http_types = R"json([
{"type": "basic", "http": true, "title": "Name and password", "summary": "HTTP Basic authentication.",
 "fields": {"type": "object", "required": ["username", "password"], "additionalProperties": false, "properties": {
   "username": {"type": "string", "title": "User", "description": "The user name.", "minLength": 1, "pattern": "^[^:]*$"},
   "password": {"type": "string", "title": "Password", "description": "The password.", "format": "secret"}}},
 "text": {"ru": {"title": "Имя и пароль", "summary": "Аутентификация HTTP Basic.", "fields": {
   "username": {"title": "Пользователь", "description": "Имя пользователя."},
   "password": {"title": "Пароль", "description": "Пароль."}}}}},
{"type": "bearer", "http": true, "title": "Bearer token", "summary": "A token sent as Authorization: Bearer.",
 "fields": {"type": "object", "required": ["token"], "additionalProperties": false, "properties": {
   "token": {"type": "string", "title": "Token", "description": "The token, without the word Bearer.", "format": "secret", "minLength": 1}}},
 "text": {"ru": {"title": "Токен (Bearer)", "summary": "Токен, который отправляется как Authorization: Bearer.", "fields": {
   "token": {"title": "Токен", "description": "Сам токен, без слова Bearer."}}}}},
{"type": "header", "http": true, "title": "Header", "summary": "A secret header.",
 "fields": {"type": "object", "required": ["name", "value"], "additionalProperties": false, "properties": {
   "name": {"type": "string", "title": "Header", "description": "The name of the header.", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"},
   "value": {"type": "string", "title": "Value", "description": "What it says.", "format": "secret", "minLength": 1}}},
 "text": {"ru": {"title": "Заголовок", "summary": "Секретный заголовок.", "fields": {
   "name": {"title": "Заголовок", "description": "Имя заголовка."},
   "value": {"title": "Значение", "description": "Что в нём."}}}}},
{"type": "query", "http": true, "title": "Query parameter", "summary": "A key in the address.",
 "fields": {"type": "object", "required": ["name", "value"], "additionalProperties": false, "properties": {
   "name": {"type": "string", "title": "Parameter", "description": "The name of the parameter.", "minLength": 1},
   "value": {"type": "string", "title": "Value", "description": "The key itself.", "format": "secret", "minLength": 1}}},
 "text": {"ru": {"title": "Параметр адреса", "summary": "Ключ в адресе.", "fields": {
   "name": {"title": "Параметр", "description": "Имя параметра."},
   "value": {"title": "Значение", "description": "Сам ключ."}}}}},
{"type": "api_key", "http": true, "title": "API key", "summary": "A key in the header X-API-Key, or another one.",
 "fields": {"type": "object", "required": ["key"], "additionalProperties": false, "properties": {
   "key": {"type": "string", "title": "Key", "description": "The key itself.", "format": "secret", "minLength": 1},
   "header": {"type": "string", "title": "Header", "description": "Where it goes; X-API-Key when left empty.", "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]*$", "default": "X-API-Key"},
   "prefix": {"type": "string", "title": "Before the key", "description": "A word before the key, such as Token.", "default": ""}}},
 "text": {"ru": {"title": "Ключ API", "summary": "Ключ в заголовке X-API-Key или в другом.", "fields": {
   "key": {"title": "Ключ", "description": "Сам ключ."},
   "header": {"title": "Заголовок", "description": "Куда его поставить; X-API-Key, если пусто."},
   "prefix": {"title": "Перед ключом", "description": "Слово перед ключом, например Token."}}}}},
{"type": "oauth2_client_credentials", "http": true, "title": "OAuth 2.0, client credentials", "summary": "The engine gets tokens for itself.",
 "fields": {"type": "object", "required": ["token_url", "client_id", "client_secret"], "additionalProperties": false, "properties": {
   "token_url": {"type": "string", "title": "Token address", "description": "Where tokens are given out.", "pattern": "^https?://"},
   "client_id": {"type": "string", "title": "Client id", "description": "Who the engine is.", "minLength": 1},
   "client_secret": {"type": "string", "title": "Client secret", "description": "Its secret.", "format": "secret", "minLength": 1},
   "scope": {"type": "string", "title": "Scope", "description": "What is asked for, separated by spaces.", "default": ""},
   "audience": {"type": "string", "title": "Audience", "description": "For whom the token is, where the server wants it.", "default": ""},
   "client_auth": {"enum": ["basic", "body"], "title": "Client's secret goes", "description": "How the secret is sent to the token address.", "x-labels": {"basic": "In the header", "body": "In the body"}, "default": "basic"}}},
 "text": {"ru": {"title": "OAuth 2.0, от имени приложения", "summary": "Движок получает токены сам для себя.", "fields": {
   "token_url": {"title": "Адрес токенов", "description": "Где выдают токены."},
   "client_id": {"title": "Идентификатор клиента", "description": "Кем представляется движок."},
   "client_secret": {"title": "Секрет клиента", "description": "Его секрет."},
   "scope": {"title": "Права", "description": "О чём просить, через пробел."},
   "audience": {"title": "Аудитория", "description": "Для кого токен, если сервер это требует."},
   "client_auth": {"title": "Секрет клиента", "description": "Как секрет отправляется за токеном.", "labels": {"basic": "В заголовке", "body": "В теле"}}}}}},
{"type": "oauth2_authorization_code", "http": true, "consent": true, "title": "OAuth 2.0, a person's consent", "summary": "A person signs in once; the engine renews the token.",
 "fields": {"type": "object", "required": ["authorization_url", "token_url", "client_id"], "additionalProperties": false, "properties": {
   "authorization_url": {"type": "string", "title": "Sign-in address", "description": "Where the person agrees.", "pattern": "^https?://"},
   "token_url": {"type": "string", "title": "Token address", "description": "Where tokens are given out.", "pattern": "^https?://"},
   "client_id": {"type": "string", "title": "Client id", "description": "Who the engine is.", "minLength": 1},
   "client_secret": {"type": "string", "title": "Client secret", "description": "Its secret, if it has one.", "format": "secret"},
   "scope": {"type": "string", "title": "Scope", "description": "What is asked for, separated by spaces.", "default": ""},
   "client_auth": {"enum": ["basic", "body"], "title": "Client's secret goes", "description": "How the secret is sent to the token address.", "x-labels": {"basic": "In the header", "body": "In the body"}, "default": "basic"}}},
 "text": {"ru": {"title": "OAuth 2.0, с согласия человека", "summary": "Человек входит один раз; движок обновляет токен.", "fields": {
   "authorization_url": {"title": "Адрес входа", "description": "Где человек даёт согласие."},
   "token_url": {"title": "Адрес токенов", "description": "Где выдают токены."},
   "client_id": {"title": "Идентификатор клиента", "description": "Кем представляется движок."},
   "client_secret": {"title": "Секрет клиента", "description": "Его секрет, если он есть."},
   "scope": {"title": "Права", "description": "О чём просить, через пробел."},
   "client_auth": {"title": "Секрет клиента", "description": "Как секрет отправляется за токеном.", "labels": {"basic": "В заголовке", "body": "В теле"}}}}}},
{"type": "aws_sigv4", "http": true, "title": "AWS signature", "summary": "Signs requests with AWS Signature Version 4.",
 "fields": {"type": "object", "required": ["access_key_id", "secret_access_key", "region", "service"], "additionalProperties": false, "properties": {
   "access_key_id": {"type": "string", "title": "Access key id", "description": "Such as AKIA…", "minLength": 1},
   "secret_access_key": {"type": "string", "title": "Secret access key", "description": "The key that signs.", "format": "secret", "minLength": 1},
   "session_token": {"type": "string", "title": "Session token", "description": "Of temporary keys only.", "format": "secret"},
   "region": {"type": "string", "title": "Region", "description": "Such as eu-central-1.", "minLength": 1},
   "service": {"type": "string", "title": "Service", "description": "Such as s3, sqs or execute-api.", "minLength": 1}}},
 "text": {"ru": {"title": "Подпись AWS", "summary": "Подписывает запросы по AWS Signature Version 4.", "fields": {
   "access_key_id": {"title": "Идентификатор ключа", "description": "Например AKIA…"},
   "secret_access_key": {"title": "Секретный ключ", "description": "Ключ, которым подписывают."},
   "session_token": {"title": "Токен сеанса", "description": "Только у временных ключей."},
   "region": {"title": "Регион", "description": "Например eu-central-1."},
   "service": {"title": "Служба", "description": "Например s3, sqs или execute-api."}}}}},
{"type": "tls_client", "http": true, "title": "Client certificate", "summary": "A TLS certificate that the engine shows.",
 "fields": {"type": "object", "required": ["certificate", "private_key"], "additionalProperties": false, "properties": {
   "certificate": {"type": "string", "title": "Certificate", "description": "PEM, with those that signed it.", "pattern": "-----BEGIN CERTIFICATE-----", "x-widget": "text", "x-lines": true},
   "private_key": {"type": "string", "title": "Private key", "description": "PEM, without a passphrase.", "format": "secret", "minLength": 1, "x-lines": true}}},
 "text": {"ru": {"title": "Сертификат клиента", "summary": "Сертификат TLS, который предъявляет движок.", "fields": {
   "certificate": {"title": "Сертификат", "description": "PEM, вместе с теми, кто его подписал."},
   "private_key": {"title": "Закрытый ключ", "description": "PEM, без пароля."}}}}}
])json";

constexpr const char* other_types = R"json([
{"type": "database", "http": false, "title": "Database", "summary": "A database server.",
 "fields": {"type": "object", "required": ["engine", "host", "database"], "additionalProperties": false, "properties": {
   "engine": {"enum": ["postgresql", "mysql"], "title": "Kind", "description": "Which database it is.", "x-labels": {"postgresql": "PostgreSQL", "mysql": "MySQL"}},
   "host": {"type": "string", "title": "Host", "description": "Where it runs.", "minLength": 1},
   "port": {"type": "string", "title": "Port", "description": "The usual one when left empty.", "pattern": "^([0-9]{1,5})?$", "default": ""},
   "database": {"type": "string", "title": "Database", "description": "Its name.", "minLength": 1},
   "username": {"type": "string", "title": "User", "description": "The user name.", "default": ""},
   "password": {"type": "string", "title": "Password", "description": "The password.", "format": "secret"},
   "tls": {"enum": ["verify", "require", "off"], "title": "TLS", "description": "Whether the way there is protected.", "x-labels": {"verify": "Yes, and check the certificate", "require": "Yes", "off": "No"}, "default": "verify"}}},
 "text": {"ru": {"title": "База данных", "summary": "Сервер баз данных.", "fields": {
   "engine": {"title": "Вид", "description": "Какая это база.", "labels": {"postgresql": "PostgreSQL", "mysql": "MySQL"}},
   "host": {"title": "Сервер", "description": "Где она работает."},
   "port": {"title": "Порт", "description": "Обычный, если пусто."},
   "database": {"title": "База", "description": "Её имя."},
   "username": {"title": "Пользователь", "description": "Имя пользователя."},
   "password": {"title": "Пароль", "description": "Пароль."},
   "tls": {"title": "TLS", "description": "Защищён ли путь туда.", "labels": {"verify": "Да, с проверкой сертификата", "require": "Да", "off": "Нет"}}}}}},
{"type": "smtp", "http": false, "title": "Mail server (SMTP)", "summary": "A server that sends mail.",
 "fields": {"type": "object", "required": ["host"], "additionalProperties": false, "properties": {
   "host": {"type": "string", "title": "Host", "description": "Where it runs.", "minLength": 1},
   "port": {"type": "string", "title": "Port", "description": "The usual one when left empty.", "pattern": "^([0-9]{1,5})?$", "default": ""},
   "security": {"enum": ["tls", "starttls", "none"], "title": "Protection", "description": "How the connection is protected.", "x-labels": {"tls": "TLS", "starttls": "STARTTLS", "none": "None"}, "default": "tls"},
   "username": {"type": "string", "title": "User", "description": "The user name.", "default": ""},
   "password": {"type": "string", "title": "Password", "description": "The password.", "format": "secret"}}},
 "text": {"ru": {"title": "Почтовый сервер (SMTP)", "summary": "Сервер, который отправляет почту.", "fields": {
   "host": {"title": "Сервер", "description": "Где он работает."},
   "port": {"title": "Порт", "description": "Обычный, если пусто."},
   "security": {"title": "Защита", "description": "Как защищено соединение.", "labels": {"tls": "TLS", "starttls": "STARTTLS", "none": "Нет"}},
   "username": {"title": "Пользователь", "description": "Имя пользователя."},
   "password": {"title": "Пароль", "description": "Пароль."}}}}}
])json";

void add_types(const char* json, std::vector<CredentialType>& types) {
  auto all = parse_json(json);
  if (!all) std::abort();  // our own text; a test reads it
  for (const Value& definition : all->elements()) {
    auto schema = JsonSchema::compile(definition["fields"]);
    if (!schema) std::abort();
    types.push_back({std::string(definition["type"].as_string()), definition, *std::move(schema), definition["http"].as_bool()});
  }
}

}  // namespace

bool CredentialType::is_secret(std::string_view field) const {
  return definition["fields"]["properties"][field]["format"].as_string() == "secret";
}

bool CredentialType::is_long(std::string_view field) const { return definition["fields"]["properties"][field]["x-lines"].as_bool(); }

const std::vector<CredentialType>& credential_types() {
  static const std::vector<CredentialType> types = [] {
    std::vector<CredentialType> made;
    add_types(http_types, made);
    add_types(other_types, made);
    return made;
  }();
  return types;
}

const CredentialType* find_credential_type(std::string_view name) {
  for (const auto& type : credential_types())
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace mbflow::vault
