#!/usr/bin/env python3
"""Writes a node folder that builds and passes: new_node.py NAME [--nodes DIR]. See nodes/README.md for what to do next."""
import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from gen_nodes import TAKEN, identifier  # noqa: E402

NODE_JSON = """{
  "type": "@NAME@",
  "version": 1,
  "group": "data",
  "title": "@TITLE@",
  "summary": "Adds a greeting to each item.",
  "run": "each",
  "pure": true,
  "inputs": ["main"],
  "outputs": ["main"],
  "config": {
    "type": "object",
    "required": ["name"],
    "properties": {
      "name": {
        "type": "string",
        "title": "Name",
        "description": "Who is greeted.",
        "minLength": 1
      }
    },
    "additionalProperties": false
  },
  "output": { "type": "object", "description": "The item with a greeting." },
  "errors": [],
  "examples": [
    {
      "title": "A greeting",
      "config": { "name": "{{ $json.name }}" },
      "input": [{ "name": "Ada" }],
      "output": { "main": [{ "name": "Ada", "greeting": "Hello, Ada" }] }
    }
  ]
}
"""

SOURCE = """#include "@NAME@.gen.h"

namespace mbflow::nodes::@SPACE@ {

Result<Output> run(const Config& config, Context& context) {
  Output output;
  output.add(context.item().json.with("greeting", "Hello, " + config.name));
  return output;
}

}  // namespace mbflow::nodes::@SPACE@
"""

RUSSIAN = """{
  "title": "@TITLE@",
  "summary": "Добавляет к каждому элементу приветствие.",
  "config": {
    "name": { "title": "Имя", "description": "Кого приветствовать." }
  },
  "output": "Элемент с приветствием.",
  "examples": ["Приветствие"]
}
"""

README = """# @TITLE@

Adds a greeting to each item.

## Settings
| setting | meaning | default |
|---|---|---|
| `name` | who is greeted | required |

## Ports
- `main`: one item for each that came in.

## Example
`{"name": "{{ $json.name }}"}` makes `{"name": "Ada"}` into `{"name": "Ada", "greeting": "Hello, Ada"}`.

## Errors
None of its own.
"""

README_RU = """# @TITLE@

Добавляет к каждому элементу приветствие.

## Настройки
| настройка | что значит | по умолчанию |
|---|---|---|
| `name` | кого приветствовать | обязательна |

## Порты
- `main`: по одному элементу на каждый пришедший.

## Пример
`{"name": "{{ $json.name }}"}` превращает `{"name": "Ada"}` в `{"name": "Ada", "greeting": "Hello, Ada"}`.

## Ошибки
Своих ошибок нет.
"""

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" \
stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><rect x="4" y="4" width="16" height="16" rx="3"/>\
<path d="M12 8v8"/><path d="M8 12h8"/></svg>
"""

CASES = {
    "basic": """{
  "title": "Each item gets its greeting",
  "input": [{ "name": "Ada" }, { "name": "Bob" }],
  "config": { "name": "{{ $json.name }}" },
  "expect": {
    "output": { "main": [{ "name": "Ada", "greeting": "Hello, Ada" }, { "name": "Bob", "greeting": "Hello, Bob" }] },
    "origins": { "main": [0, 1] }
  }
}
""",
    "constant": """{
  "title": "A constant will do",
  "input": [{}],
  "config": { "name": "world" },
  "expect": { "output": { "main": [{ "greeting": "Hello, world" }] } }
}
""",
    "no_name": """{
  "title": "Who?",
  "input": [{}],
  "config": {},
  "error": { "code": "config.required", "at": "/name" }
}
""",
    "unknown_setting": """{
  "title": "A setting it does not have is refused",
  "input": [{}],
  "config": { "name": "Ada", "nmae": "Ada" },
  "error": { "code": "config.unknown_key", "at": "/nmae" }
}
""",
}


def refusal(name, folder):
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > 40:
        return f"'{name}' is no name for a node: use small letters, digits and single underscores, like slack_message"
    if folder.exists():
        return f"{folder} is there already"
    return None


def write(name, nodes):
    folder = nodes / name
    reason = refusal(name, folder)
    if reason:
        sys.exit(f"new_node: {reason}")
    title = name.replace("_", " ").capitalize()
    files = {"node.json": NODE_JSON, f"{name}.cpp": SOURCE, "text.ru.json": RUSSIAN, "README.md": README,
             "README.ru.md": README_RU, "icon.svg": ICON, **{f"cases/{case}.json": text for case, text in CASES.items()}}
    (folder / "cases").mkdir(parents=True)
    for path, text in files.items():
        text = text.replace("@NAME@", name).replace("@SPACE@", identifier(name, TAKEN)).replace("@TITLE@", title)
        (folder / path).write_text(text)
    print(f"{folder}: edit node.json and {name}.cpp, then build and run the tests")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--nodes", type=Path, default=Path(__file__).resolve().parents[1] / "nodes")
    given = parser.parse_args()
    write(given.name, given.nodes)
