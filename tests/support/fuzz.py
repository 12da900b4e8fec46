"""Values for the schemas of api/openapi.yaml, right ones and wrong ones, from one seed."""

import string

ODD = [None, True, False, 0, -1, 1, 2**31, -(2**63), 2**63, 1e308, 0.1, "", " ", "x", "null", "0", "\u0000", "\u202e", "Ж" * 50, "𝕏", "a" * 5_000, "../../etc/passwd", "{{ 1 }}",
       "<script>", "' OR 1=1 --", "%00", "\r\nX: y", [], {}, [[]], {"": ""}, {"__proto__": 1}, [1] * 300, "2026-01-01T00:00:00Z", "01890000-0000-7000-8000-000000000000"]
BROKEN = [b"{", b"[1,]", b"nonsense", b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}', b'{"a": 1, "a": 2}', b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
          b"\x00", b"7", b'"text"', b"null", b"\xef\xbb\xbf{", b"NaN", b'{"a": 1e999}', b"{} {}"]


class Values:
    def __init__(self, contract, dice, hints):
        """`hints`: what makes a value, by the name of a schema or of a member."""
        self.contract, self.dice, self.hints = contract, dice, hints

    def odd(self):
        return self.dice.choice(ODD)

    def make(self, schema, name="", depth=0):
        """One that the schema takes."""
        reference = schema.get("$ref", "").rsplit("/", 1)[-1]
        for hint in (reference, name):
            if hint in self.hints:
                return self.hints[hint]()
        schema = self.contract.resolve(schema)
        for forms in ("anyOf", "oneOf"):
            if forms in schema:
                return self.make(self.dice.choice(schema[forms]), name, depth)
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        kind = schema.get("type", "any")
        kind = self.dice.choice(kind) if isinstance(kind, list) else kind
        return getattr(self, "make_" + kind)(schema, depth)

    def make_any(self, schema, depth):
        return self.dice.choice([1, "text", None, True, [1, 2], {"n": self.dice.randrange(100)}])

    def make_null(self, schema, depth):
        return None

    def make_boolean(self, schema, depth):
        return self.dice.random() < 0.5

    def make_integer(self, schema, depth):
        least = schema.get("minimum", 0)
        return self.dice.choice([least, schema.get("maximum", least + 1000), schema.get("default", least), least + self.dice.randrange(10)])

    make_number = make_integer

    def make_string(self, schema, depth):
        kind = schema.get("format")
        if kind == "uuid":
            return str(self.dice.choice(self.hints.get("uuid", lambda: ["01890000-0000-7000-8000-000000000000"])()))
        if kind == "date-time":
            return self.dice.choice(["2026-01-01T00:00:00Z", "2030-01-01T00:00:00.000Z"])
        return "".join(self.dice.choices(string.ascii_letters + "- _.é", k=self.dice.randrange(1, 12)))[: schema.get("maxLength", 99)]

    def make_array(self, schema, depth):
        least = schema.get("minItems", 0)
        return [self.make(schema.get("items", {}), "", depth + 1) for _ in range(least + self.dice.randrange(3 if depth < 4 else 1))]

    def make_object(self, schema, depth):
        members = schema.get("properties", {})
        wanted = [name for name in members if name in schema.get("required", []) or (depth < 4 and self.dice.random() < 0.4)]
        return {name: self.make(members[name], name, depth + 1) for name in wanted}

    def mutate(self, value, depth=0):
        """The same with something wrong somewhere, mostly."""
        if depth > 6 or not isinstance(value, (dict, list)) or not value or self.dice.random() < 0.15:
            return self.odd()
        if isinstance(value, list):
            place = self.dice.randrange(len(value))
            return [self.mutate(one, depth + 1) if at == place else one for at, one in enumerate(value)]
        name = self.dice.choice(list(value))
        changed = dict(value)
        way = self.dice.random()
        if way < 0.2:
            del changed[name]
        elif way < 0.35:
            changed[self.dice.choice(["unknown", name.upper(), name + " ", "", "constructor"])] = self.odd()
        else:
            changed[name] = self.mutate(value[name], depth + 1)
        return changed
