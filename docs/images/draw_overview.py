#!/usr/bin/env python3
"""Draws overview.svg: a workflow as it is drawn, and the journal that is its execution. Run it here after a change."""

from html import escape
from pathlib import Path

WIDTH, HEIGHT = 1120, 430
CARD_W, CARD_H = 142, 54

STYLE = """
svg { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.paper { fill: #fbfbfa } .card { fill: #ffffff; stroke: #d5d8dc; stroke-width: 1.2 } .name { fill: #1d2329; font-size: 13px; font-weight: 600 }
.kind { fill: #6b7480; font-size: 11px } .wire { fill: none; stroke: #9aa3ad; stroke-width: 1.6 } .dead { stroke-dasharray: 4 4; stroke: #c6ccd2 }
.port { fill: #6b7480; font-size: 10.5px } .done { fill: #1f9d63 } .skipped { fill: #c6ccd2 } .again { fill: #d98a00 } .tick { fill: none; stroke: #ffffff; stroke-width: 2 }
.event { fill: #eef4fb; stroke: #b7cde6; stroke-width: 1.2 } .event.on { fill: #e8f6ee; stroke: #a9d9bf } .event.redo { fill: #fdf3e0; stroke: #ecc987 }
.seq { fill: #6b7480; font-size: 11px; font-weight: 600 } .what { fill: #1d2329; font-size: 11.5px } .head { fill: #1d2329; font-size: 14px; font-weight: 600 }
.say { fill: #6b7480; font-size: 12px } .kill { stroke: #d1343b; stroke-width: 2.4; fill: none } .killed { fill: #d1343b; font-size: 12.5px; font-weight: 700 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #14181d } .card { fill: #1d232a; stroke: #39424c } .name, .what, .head { fill: #e8ebee } .kind, .port, .seq, .say { fill: #9aa5b1 }
  .wire { stroke: #65707c } .dead { stroke: #3c454f } .event { fill: #1b2733; stroke: #35506c } .event.on { fill: #18291f; stroke: #2f5b43 }
  .event.redo { fill: #2e2616; stroke: #6b5525 } .skipped { fill: #4b5560 } .kill { stroke: #f0646a } .killed { fill: #f0646a }
}
"""

NODES = {  # name: (x, y, title, kind, state)
    "hook": (24, 112, "Order arrives", "webhook", "done"),
    "fetch": (208, 112, "Fetch customer", "http", "done"),
    "if": (392, 112, "Over 100?", "if", "done"),
    "reserve": (590, 52, "Reserve stock", "http", "again"),
    "thank": (590, 172, "Thank you", "set", "skipped"),
    "merge": (788, 112, "Merge", "merge", "done"),
    "answer": (954, 112, "Answer", "respond", "done"),
}
WIRES = [("hook", "fetch", ""), ("fetch", "if", ""), ("if", "reserve", "true"), ("if", "thank", "false"), ("reserve", "merge", ""),
         ("thank", "merge", ""), ("merge", "answer", "")]
EVENTS = [("1", "started", "", ""), ("2", "Fetch", "started", ""), ("3", "Fetch", "succeeded", "on"), ("4", "If", "true", "on"), ("5", "Reserve", "started", ""),
          ("6", "Reserve", "again, same key", "redo"), ("7", "Reserve", "succeeded", "on"), ("8", "Merge", "succeeded", "on"), ("9", "Answer", "succeeded", "on"),
          ("10", "finished", "", "on")]


def wire(source, target, port):
    x1, y1 = NODES[source][0] + CARD_W, NODES[source][1] + CARD_H / 2
    x2, y2 = NODES[target][0], NODES[target][1] + CARD_H / 2
    bend = (x2 - x1) / 2
    dead = " dead" if "thank" in (source, target) else ""
    text = f'<text class="port" x="{x2 - 8}" y="{y2 + (-8 if y2 < y1 else 17)}" text-anchor="end">{port}</text>' if port else ""
    return f'<path class="wire{dead}" d="M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"/>{text}'


def card(x, y, title, kind, state):
    mark = {"done": "M-4 0 l3 3 l5 -6", "again": "M-4 0 l3 3 l5 -6", "skipped": "M-4 0 h8"}[state]
    return (f'<g transform="translate({x} {y})"><rect class="card" width="{CARD_W}" height="{CARD_H}" rx="9"/>'
            f'<text class="name" x="13" y="23">{escape(title)}</text><text class="kind" x="13" y="41">{kind}</text>'
            f'<g transform="translate({CARD_W - 4} 4)"><circle class="{state}" r="9"/><path class="tick" d="{mark}"/></g></g>')


def journal(top):
    parts, x = [], 24
    for number, (seq, first, second, look) in enumerate(EVENTS):
        if number == 5:
            parts.append(f'<path class="kill" d="M{x + 18} {top - 16} l-10 34 h12 l-10 34"/><text class="killed" x="{x + 15}" y="{top - 24}" text-anchor="middle">kill -9</text>')
            x += 34
        parts.append(f'<g transform="translate({x} {top})"><rect class="event {look}" width="98" height="52" rx="6"/><text class="seq" x="9" y="16">{seq}</text>'
                     f'<text class="what" x="9" y="31">{first}</text><text class="say" x="9" y="45" style="font-size:10.5px">{second}</text></g>')
        x += 104
    return "".join(parts)


def drawing():
    top = 310
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">'
            f'<title id="t">A workflow and its journal</title><desc id="d">A workflow of seven nodes with a branch; below it the ten events of one execution. '
            f'The process is killed after the fifth; the sixth repeats the call that was under way, with the same key.</desc>'
            f'<style>{STYLE}</style><rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="12"/>'
            f'<text class="head" x="24" y="32">The workflow</text>' + "".join(wire(*each) for each in WIRES) + "".join(card(*each) for each in NODES.values()) +
            f'<text class="head" x="24" y="{top - 42}">Its execution is a journal: every change is saved before anything acts on it</text>' + journal(top) +
            f'<text class="say" x="24" y="{top + 84}">Killed at any moment, it goes on by itself: what had finished is not run again; the call that was under way is repeated with the same Idempotency-Key.</text></svg>\n')


if __name__ == "__main__":
    Path(__file__).with_name("overview.svg").write_text(drawing(), encoding="utf-8")
