#!/usr/bin/env python3
"""Makes the C++ of the node folders: gen_nodes.py NODES_DIR OUT_DIR

For each NODES_DIR/<type>/ with a node.json: OUT_DIR/<type>.gen.h, a typed Config and the declaration of what the author
wrote. For all of them: OUT_DIR/node_table.gen.cpp, the parsers and one row a type. Files that would not change are left
alone, so that nothing is rebuilt for nothing. nodes/README.md says what the JSON Schema of a config may hold.
"""
import json
import re
import sys
from pathlib import Path

KEYWORDS = set("""alignas alignof and asm auto bitand bitor bool break case catch char class compl concept const continue
co_await co_return co_yield decltype default delete do double else enum explicit export extern false float for friend goto
if inline int long mutable namespace new noexcept not nullptr operator or private protected public register requires return
short signed sizeof static struct switch template this throw true try typedef typeid typename union unsigned using virtual
void volatile while xor""".split())
TAKEN = KEYWORDS | {"fail"}  # a namespace mbflow::nodes::fail would hide mbflow::fail() from every node
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
RUN_ARGUMENTS = "const Config& config, Context& context"
FUNCTIONS = {  # what the author may write: its return types, its parameters
    "run": (r"Task<Result<Output>>|Result<Output>", RUN_ARGUMENTS),
    "try_now": (r"std::optional<Result<Output>>", RUN_ARGUMENTS),
    "run_of": (r"NodeType::Run", "const Value& config"),
}


class Fault(Exception):
    pass


def identifier(name, taken=KEYWORDS):
    text = re.sub(r"\W", "_", str(name)).lower()
    text = "_" + text if not text or text[0].isdigit() else text
    return text + "_" if text in taken else text


def type_name(name, scope):
    text = "".join(part.capitalize() for part in re.split(r"[\W_]+", name) if part)
    # A nested type may not be named like the type around it, nor hide one of ours.
    return text + "Kind" if text in {"Value", "Result", "Output", "Item", *scope.split("::")} else text


def singular(name):
    return name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")


def flat(cpp):  # Config::SortBy::Order → config_sort_by_order
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cpp).replace("::", "_").lower()


def literal(value):
    return json.dumps(value, ensure_ascii=False)


def milliseconds(text):
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", text)
    if "".join(number + unit for number, unit in parts) != text:
        raise Fault(f"{text!r} is not a duration such as 30s or 1h30m")
    return f"milliseconds{{{round(sum(float(number) * UNITS[unit] for number, unit in parts))}}}"


def bounds(schema, kind, low, high, convert=str):
    pairs = [(".min", schema.get(low)), (".max", schema.get(high))]
    given = ", ".join(f"{name} = {convert(value)}" for name, value in pairs if value is not None)
    return f", {kind}{{{given}}}" if given else ""


class Shape:
    """How one schema is kept in C++: the type, the call that reads `value` into `out`, a default as C++, nested types."""

    def __init__(self, cpp, read, default, nested=None):
        self.cpp, self.read, self.default, self.nested = cpp, read, default, nested

    def reader(self):
        return f"[](const Value& value, {self.cpp}& out) {{ return {self.read}; }}"


def shape_of(schema, name, scope):
    kind = schema.get("type")
    if "enum" in schema:
        enum = type_name(name, scope)
        cpp = f"{scope}::{enum}"
        return Shape(cpp, f"read_choice(value, out, {flat(cpp)}_names)", lambda v: f"{enum}::{identifier(v)}",
                     Enum(cpp, schema["enum"]))
    if kind == "string" and schema.get("format") == "duration":
        limits = bounds(schema, "Span", "x-minimum", "x-maximum", milliseconds)
        return Shape("std::chrono::milliseconds", f"read_duration(value, out{limits})",
                     lambda v: "std::chrono::" + milliseconds(v))
    if kind == "string":
        return Shape("std::string", f"read_text(value, out{bounds(schema, 'Size', 'minLength', 'maxLength')})", literal)
    if kind == "integer":
        limits = bounds(schema, "Range<std::int64_t>", "minimum", "maximum")
        return Shape("std::int64_t", f"read_integer(value, out{limits})", str)
    if kind == "number":
        limits = bounds(schema, "Range<double>", "minimum", "maximum", lambda n: repr(float(n)))
        return Shape("double", f"read_number(value, out{limits})", lambda n: repr(float(n)))
    if kind == "boolean":
        return Shape("bool", "read_boolean(value, out)", literal)
    if kind == "object" and schema.get("properties"):
        cpp = f"{scope}::{type_name(name, scope)}"
        return Shape(cpp, f"read_{flat(cpp)}(value, out)", default_struct, Struct(cpp, schema))
    if kind == "object":
        limits = bounds(schema, "Size", "minProperties", "maxProperties")
        return Shape("Value", f"read_object(value, out{limits})", default_value)
    if kind == "array":
        element = shape_of(schema.get("items", {}), singular(name), scope)
        limits = bounds(schema, "Size", "minItems", "maxItems") or ", Size{}"
        return Shape(f"std::vector<{element.cpp}>", f"read_list(value, out{limits}, {element.reader()})",
                     lambda values: "{" + ", ".join(element.default(v) for v in values) + "}", element.nested)
    return Shape("Value", "read_any(value, out)", default_value)


def default_struct(value):
    if value != {}:
        raise Fault("the default of an object with properties can only be {}")
    return ""


def default_value(value):
    if value in ({}, []) and not isinstance(value, bool):
        return "Value::object()" if value == {} else "Value::array()"
    if isinstance(value, (dict, list)):
        raise Fault("the default of an object or a list of anything can only be empty")
    return "nullptr" if value is None else literal(value)


class Enum:
    def __init__(self, cpp, values):
        self.cpp, self.name, self.values = cpp, cpp.rsplit("::", 1)[1], [str(value) for value in values]

    def declare(self):
        return [f"enum class {self.name} : std::uint8_t {{ {', '.join(identifier(v) for v in self.values)} }};"]

    def to_string(self):
        return [f"[[nodiscard]] inline std::string_view to_string({self.cpp} value) {{",
                f"  constexpr std::string_view names[] = {{{', '.join(literal(v) for v in self.values)}}};",
                "  return names[static_cast<std::size_t>(value)];", "}"]

    def define(self):
        return [f"constexpr std::string_view {flat(self.cpp)}_names[] = {{{', '.join(literal(v) for v in self.values)}}};"]


class Struct:
    def __init__(self, cpp, schema):
        self.cpp, self.name, self.schema = cpp, cpp.rsplit("::", 1)[-1], schema
        required = set(schema.get("required", []))
        if required - set(schema["properties"]):
            raise Fault(f"required, but not among properties: {sorted(required - set(schema['properties']))}")
        self.fields = [Field(key, part, key in required, cpp) for key, part in schema["properties"].items()]
        self.nested = [field.shape.nested for field in self.fields if field.shape.nested]
        schema.setdefault("additionalProperties", False)
        rules = [rule for rule in (field.rule() for field in self.fields) if rule]
        if rules:
            schema["allOf"] = schema.get("allOf", []) + rules

    def declare(self):
        lines = [f"struct {self.name} {{"]
        lines += ["  " + line for nested in self.nested for line in nested.declare()]
        return lines + [f"  {field.declare()}" for field in self.fields] + ["};"]

    def to_string(self):
        return [line for nested in self.nested for line in nested.to_string()]

    def define(self):
        lines = [line for nested in self.nested for line in nested.define()]
        lines += [f"Result<void> read_{flat(self.cpp)}(const Value& value, {self.cpp}& out) {{", "  Fields fields(value);"]
        lines += [f"  fields.{field.read()}" for field in self.fields]
        lines += [f"  if ({field.lacking()}) fields.missing({literal(field.key)});" for field in self.fields if field.when]
        if not self.fields:
            lines.append("  static_cast<void>(out);")
        if self.schema["additionalProperties"] is not False:
            return lines + ["  return fields.end_open();", "}"]
        if not self.fields:
            return lines + ["  return fields.end({});", "}"]
        known = ", ".join(literal(field.key) for field in self.fields)
        return lines + [f"  constexpr std::string_view known[] = {{{known}}};", "  return fields.end(known);", "}"]


class Field:
    def __init__(self, key, schema, required, scope):
        try:
            self.key, self.name, self.required, self.scope = key, identifier(key), required, scope
            self.shape = shape_of(schema, key, scope)
            self.when = schema["x-when"] if schema.get("x-needed") else None
            self.optional = not required and "default" not in schema and not self.shape.cpp.startswith("std::vector<")
            self.default = self.shape.default(schema["default"]) if "default" in schema else ""
        except Fault as fault:
            raise Fault(f"{key}: {fault}") from None

    def declare(self):
        cpp = self.shape.cpp.replace(self.scope + "::", "")
        if self.optional:
            return f"std::optional<{cpp}> {self.name};"
        if not self.default or self.default.startswith("{"):
            return f"{cpp} {self.name}{self.default or '{}'};"
        return f"{cpp} {self.name} = {self.default};"

    def read(self):
        how = "required" if self.required else "optional"
        null = ", Null::value" if self.shape.read.startswith("read_any") else ""
        return f"{how}({literal(self.key)}, out.{self.name}, {self.shape.reader()}{null});"

    def lacking(self):
        tests = [" || ".join(f"out.{identifier(key)} == {self.scope}::{type_name(key, self.scope)}::{identifier(v)}" for v in values)
                 for key, values in self.when.items()]
        empty = f"!out.{self.name}" if self.optional else f"out.{self.name}.empty()"
        return " && ".join([empty] + [f"({test})" for test in tests])

    def rule(self):  # x-needed as plain JSON Schema, for validators that know no x- keyword
        return self.when and {"if": {"properties": {key: {"enum": values} for key, values in self.when.items()},
                                     "required": list(self.when)}, "then": {"required": [self.key]}}


class Node:
    def __init__(self, folder):
        self.type, self.space = folder.name, identifier(folder.name, TAKEN)
        self.definition = json.loads((folder / "node.json").read_text())
        if self.definition["type"] != self.type:
            raise Fault(f'"type" must be "{self.type}", the name of the folder')
        config = self.definition["config"]
        config.setdefault("properties", {})
        self.config = Struct("Config", config)
        self.definition["texts"] = {"ru": json.loads((folder / "text.ru.json").read_text())}
        self.definition["docs"] = {"en": (folder / "README.md").read_text(), "ru": (folder / "README.ru.md").read_text()}
        self.definition["icon"] = (folder / "icon.svg").read_text().strip()
        source = (folder / f"{self.type}.cpp").read_text()
        self.functions = {}
        for name, (types, arguments) in FUNCTIONS.items():
            parameters = re.sub(r" \w+(?=,|$)", r"(?: \\w+)?", arguments)
            found = re.search(rf"^({types}) {name}\({parameters}\) \{{", source, re.MULTILINE)
            if found:
                self.functions[name] = found[1]
        if "run" not in self.functions:
            raise Fault(f"{self.type}.cpp: no Result<Output> run({RUN_ARGUMENTS}) {{")

    def header(self):
        lines = [f"// Generated by tools/gen_nodes.py from nodes/{self.type}/. Do not edit.", "#pragma once", "",
                 "#include <mbflow/node.h>", "", f"namespace mbflow::nodes::{self.space} {{", ""]
        lines += self.config.declare() + [""] + self.config.to_string()
        lines += [f"{kind} {name}({FUNCTIONS[name][1]});" for name, kind in self.functions.items()]
        return "\n".join(lines + ["", f"}}  // namespace mbflow::nodes::{self.space}", ""])

    def row(self):
        text = json.dumps(self.definition, ensure_ascii=False, separators=(",", ":"))
        lines = [f"namespace {self.space} {{", "namespace {", ""] + self.config.define()
        lines += ["", "constexpr std::string_view definition ="]
        lines += [f'    R"mbf({text[i:i + 8000]})mbf"' for i in range(0, len(text), 8000)]
        lines[-1] += ";"
        lines += ["", "NodeType row() {", f"  NodeType type{{.type = {literal(self.type)}, .definition = definition}};",
                  f"  type.run = NodeType::Run::{self.definition['run']};",
                  f"  type.pure = {literal(self.definition['pure'])};",
                  f"  type.entry = {literal(self.definition.get('entry', False))};",
                  "  type.parse = parse_config<Config, read_config>;", "  set_run<Config, run>(type);"]
        lines += ["  type.try_now = try_config<Config, try_now>;"] if "try_now" in self.functions else []
        lines += ["  type.run_of = run_of;"] if "run_of" in self.functions else []
        lines += ["  type.streams = true;"] if self.definition.get("streams", False) else []
        return lines + ["  return type;", "}", "", "}  // namespace", f"}}  // namespace {self.space}", ""]


def table(nodes):
    lines = ["// Generated by tools/gen_nodes.py from nodes/*/. Do not edit.",
             '#pragma GCC diagnostic ignored "-Wshadow"  // the readers of elements are nested in the readers of lists']
    lines += [f'#include "{node.type}.gen.h"' for node in nodes]
    lines += ["", '#include "nodes/node_row.h"', "", "namespace mbflow {", "namespace nodes {", "",
              "using std::chrono::milliseconds;", ""]
    lines += [line for node in nodes for line in node.row()]
    lines += ["}  // namespace nodes", "", "const NodeTable& built_in_nodes() {", "  static const NodeTable table({"]
    lines += [f"      nodes::{node.space}::row()," for node in nodes]
    return "\n".join(lines + ["  });", "  return table;", "}", "", "}  // namespace mbflow", ""])


def read(folder):
    try:
        return Node(folder)
    except KeyError as fault:
        sys.exit(f"gen_nodes: nodes/{folder.name}/node.json: {fault} is missing")
    except (OSError, json.JSONDecodeError, Fault) as fault:
        sys.exit(f"gen_nodes: nodes/{folder.name}: {fault}")


def write(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main(nodes_dir, out_dir):
    nodes = [read(path.parent) for path in sorted(Path(nodes_dir).glob("*/node.json"))]
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    for node in nodes:
        write(out / f"{node.type}.gen.h", node.header())
    write(out / "node_table.gen.cpp", table(nodes))


if __name__ == "__main__":
    main(*sys.argv[1:3])
