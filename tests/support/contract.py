"""Real answers against api/openapi.yaml: the schema keywords that the document uses, and no others."""

import re
import uuid

NAMES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"type", "required", "properties", "additionalProperties", "items", "enum", "anyOf", "allOf", "$ref", "description", "format", "minimum",
         "maximum", "default", "maxLength", "maxItems"}


def has_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, NAMES[name])


def has_format(value, name):
    if name == "date-time":
        return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value) is not None
    return str(uuid.UUID(value)) == value


class Contract:
    def __init__(self, document):
        self.document = document
        self.calls = []  # (method, pattern as a regular expression, the call)
        for path, methods in document["paths"].items():
            pattern = re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", path)))
            for method, call in methods.items():
                if method != "parameters":
                    self.calls.append((method.upper(), pattern, "{" in path, call))
        self.calls.sort(key=lambda call: call[2])  # addresses without parameters come first

    def operations(self):
        return {(method, call["operationId"]) for method, _, _, call in self.calls}

    def resolve(self, part):
        while "$ref" in part:
            found = self.document
            for key in part["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            part = found
        return part

    def faults_of_answer(self, method, path, answer):
        """What is wrong with an answer to a call of the document; None when the document has no such call."""
        path = path.split("?")[0]
        call = next((call for wanted, pattern, _, call in self.calls if wanted == method and pattern.fullmatch(path)), None)
        if call is None:
            return None
        response = call["responses"].get(str(answer.status), call["responses"].get("default"))
        if response is None:
            return [f"the status {answer.status} is not described"]
        content = self.resolve(response).get("content", {})
        kind = answer.headers.get("content-type", "").split(";")[0]
        if not content:
            return ["there is a body, and none is described"] if answer.body else []
        if kind not in content:
            return [f"the content type {kind!r} is not described"]
        return self.faults(content[kind].get("schema", {}), answer.json, "answer") if "json" in kind else []

    def faults(self, schema, value, where):
        unknown = [key for key in schema if key not in KNOWN and not key.startswith("x-")]
        if unknown:
            raise AssertionError(f"keywords that nobody checks: {unknown}")
        if "$ref" in schema:
            return self.faults(self.resolve(schema), value, where)
        found = []
        types = schema.get("type")
        if types and not any(has_type(value, name) for name in ([types] if isinstance(types, str) else types)):
            return [f"{where} is {value!r}, not {types}"]
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where} is {value!r}, not of {schema['enum']}")
        if "format" in schema and isinstance(value, str) and not has_format(value, schema["format"]):
            found.append(f"{where} is {value!r}, no {schema['format']}")
        if "minimum" in schema and value < schema["minimum"]:
            found.append(f"{where} is {value}")
        for part in schema.get("allOf", []):
            found += self.faults(part, value, where)
        if "anyOf" in schema and all(self.faults(part, value, where) for part in schema["anyOf"]):
            found.append(f"{where} is none of the forms described: {value!r}")
        if isinstance(value, dict):
            found += self.faults_of_members(schema, value, where)
        if isinstance(value, list) and "items" in schema:
            for number, element in enumerate(value):
                found += self.faults(schema["items"], element, f"{where}[{number}]")
        return found

    def faults_of_members(self, schema, value, where):
        found = [f"{where} has no '{name}'" for name in schema.get("required", []) if name not in value]
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, member in value.items():
            if name in known:
                found += self.faults(known[name], member, f"{where}.{name}")
            elif others is False:
                found.append(f"{where}.{name} is not described")
            elif isinstance(others, dict):
                found += self.faults(others, member, f"{where}.{name}")
        return found
