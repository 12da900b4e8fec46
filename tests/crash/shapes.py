"""The workflows under fire. Every call carries tag, step and item to the witness, whose answer is a function of them; a header
names the process that calls."""


def http(name, base, step, item="{{ $json.item ?? 0 }}", **more):
    body = {"tag": "{{ $json.tag }}", "step": step, "item": item, "execution": "{{ $execution.id }}"}
    return {"id": name, "name": name, "type": "http", "config": {"method": "POST", "url": base + "/" + step, "body": body, "headers": {"X-Life": "{{ $env.LIFE }}"}},
            "retry": {"attempts": 10, "delay": "20ms", "max_delay": "200ms"}, **more}


def pure(name, values, keep="all"):
    return {"id": name, "name": name, "type": "set", "config": {"values": values, "keep": keep}}


def hook(path):
    return {"id": "hook", "name": "hook", "type": "webhook", "config": {"path": path, "auth": "public"}}


def edges(*pairs):
    return [{"source": source, "target": target, **(more[0] if more else {})} for source, target, *more in pairs]


def tagged():
    return pure("tag", {"tag": "{{ $json.body.tag }}"}, "none")


def chain(base):
    nodes = [hook("crash/chain"), tagged(), http("a", base, "a"), pure("mark", {"marked": "{{ $json.tag }}!"}),
             http("b", base, "b"), http("c", base, "c"), pure("last", {"all": "{{ $json.tag }} {{ $('a').item.json.answer }}"})]
    names = [node["id"] for node in nodes]
    return {"name": "chain", "nodes": nodes, "edges": edges(*zip(names, names[1:]))}, {"a": 0, "b": 1, "c": 2}


def parallel(base):
    nodes = [hook("crash/parallel"), tagged(), http("left", base, "left"), http("right", base, "right"),
             {"id": "merge", "name": "merge", "type": "merge", "config": {"mode": "append"}}, http("end", base, "end", "{{ $index }}")]
    return ({"name": "parallel", "nodes": nodes,
             "edges": edges(("hook", "tag"), ("tag", "left"), ("tag", "right"), ("left", "merge"), ("right", "merge"), ("merge", "end"))},
            {"left": 0, "right": 0, "end": 1})


def waiting(base):
    nodes = [hook("crash/waiting"), tagged(), http("before", base, "before"),
             {"id": "wait", "name": "wait", "type": "wait", "config": {"duration": "300ms"}}, http("after", base, "after")]
    names = [node["id"] for node in nodes]
    return {"name": "waiting", "nodes": nodes, "edges": edges(*zip(names, names[1:]))}, {"before": 0, "after": 1}


def many(base):
    spread = {"id": "spread", "name": "spread", "type": "data_adapter",
              "config": {"operation": "map", "mapping": {"tag": "tag", "item": "item"}}}
    nodes = [hook("crash/many"), pure("rows", {"rows": "{{ [0, 1, 2].map(n => ({tag: $json.body.tag, item: n})) }}"}, "none"),
             {"id": "split", "name": "split", "type": "split", "config": {"field": "rows"}}, spread, http("each", base, "each", concurrency=2),
             {"id": "even", "name": "even", "type": "conditional", "config": {"condition": "{{ $json.item % 2 === 0 }}"}},
             http("yes", base, "yes"), http("no", base, "no")]
    return ({"name": "many", "nodes": nodes,
             "edges": edges(("hook", "rows"), ("rows", "split"), ("split", "spread"), ("spread", "each"), ("each", "even"),
                            ("even", "yes", {"source_port": "true"}), ("even", "no", {"source_port": "false"}))},
            {"each": 0, "yes": 1, "no": 1})


def large(base):
    """More than fits into a journal's row: kept apart, and it must be there after every kill."""
    nodes = [hook("crash/large"), tagged(), pure("wide", {"pad": "{{ $json.tag + 'x'.repeat(100000) }}"}), http("a", base, "a"),
             pure("back", {"length": "{{ $('wide').item.json.pad.length - $json.tag.length }}"}), http("b", base, "b"),
             pure("last", {"same": "{{ $('wide').item.json.pad.startsWith($json.tag) }}", "length": "{{ $('back').item.json.length }}"})]
    names = [node["id"] for node in nodes]
    return {"name": "large", "nodes": nodes, "edges": edges(*zip(names, names[1:]))}, {"a": 0, "b": 1}


def shapes(base):
    """name → (document, rank of each step: a delivery of a higher rank proves that lower ones are saved)."""
    return {maker.__name__: maker(base) for maker in (chain, parallel, waiting, many, large)}
