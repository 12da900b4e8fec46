"""The workflows under load: each is a webhook that answers with its result."""


def node(name, kind, config):
    return {"id": name, "name": name, "type": kind, "config": config}


def edge(source, target, port="main"):
    return {"source": source, "source_port": port, "target": target}


def chain_of(*nodes):
    return list(nodes), [edge(left["id"], right["id"]) for left, right in zip(nodes, nodes[1:])]


def hook(path, respond="result"):
    return node("hook", "webhook", {"path": path, "auth": "public", "respond": respond})


def answer(path):
    return chain_of(hook(path), node("set", "set", {"values": {"total": "{{ $json.body.price * $json.body.quantity }}"}}),
                    node("respond", "respond", {"body": {"total": "{{ $json.total }}", "customer": "{{ $json.body.customer }}"}}))


def accepted(path):
    return chain_of(hook(path, "accepted"), node("set", "set", {"values": {"total": "{{ $json.body.price * $json.body.quantity }}"}}))


def dag(path):
    nodes = [hook(path), node("set", "set", {"values": {"price": "{{ $json.body.price }}"}, "keep": "none"}),
             node("if", "conditional", {"condition": "{{ $json.price > 100 }}"}), node("dear", "set", {"values": {"dear": True}}),
             node("cheap", "set", {"values": {"dear": False}}), node("merge", "merge", {"mode": "append"})]
    edges = [edge("hook", "set"), edge("set", "if"), edge("if", "dear", "true"), edge("if", "cheap", "false"), edge("dear", "merge"), edge("cheap", "merge")]
    return nodes, edges


def chain(length):
    def make(path):
        return chain_of(hook(path), *(node(f"n{number}", "set", {"values": {"n": number}}) for number in range(length)))
    return make


def steps(path, kind, config):
    """Each step is saved before the next begins."""
    return chain_of(hook(path, "accepted"), *(node(f"step{number}", kind, config) for number in (1, 2, 3)))


WORKLOADS = {"answer": answer, "accepted": accepted, "dag": dag, "chain 10": chain(10), "chain 100": chain(100)}
DURABILITIES = ("full", "none")


def path_of(workload, durability):
    return f"bench/{workload.replace(' ', '-')}/{durability}"


def documents():
    for name, make in WORKLOADS.items():
        for durability in DURABILITIES:
            nodes, edges = make(path_of(name, durability))
            yield {"name": f"{name} {durability}", "settings": {"durability": durability}, "nodes": nodes, "edges": edges}
