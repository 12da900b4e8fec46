"""Small workflows in code, and the calls every test makes with them."""

from .program import wait_for

FINAL = ("succeeded", "failed", "cancelled")


def node(name, kind, config=None, **more):
    return {"id": name, "name": name, "type": kind, "config": config or {}, **more}


def chain(name, *nodes, **more):
    """A workflow of nodes one after the other."""
    edges = [{"source": left["id"], "target": right["id"]} for left, right in zip(nodes, nodes[1:])]
    return {"name": name, "nodes": list(nodes), "edges": edges, **more}


def hook(path, respond="accepted", auth="public", **more):
    return node("hook", "webhook", {"path": path, "respond": respond, "auth": auth, **more})


def create(test, client, document, publish=False):
    """The id of the workflow made from the document."""
    made = client.post("/api/v1/workflows", document)
    test.assertEqual(made.status, 201, made)
    ident = made.json["id"]
    if publish:
        published = client.post(f"/api/v1/workflows/{ident}/publish")
        test.assertEqual(published.status, 200, published)
    return ident


def start(test, client, workflow, given=None):
    """The id of an execution, acknowledged."""
    body = {} if given is None else {"input": given}
    answer = client.post(f"/api/v1/workflows/{workflow}/execute", body)
    test.assertEqual(answer.status, 202, answer)
    return answer.json["id"]


def execution(client, ident):
    return client.get(f"/api/v1/executions/{ident}").json


def until_status(client, ident, *statuses, limit=20):
    """The execution, once it is in one of these states (any final one by default)."""
    wanted = statuses or FINAL

    def reached():
        found = execution(client, ident)
        return found if found and found.get("status") in wanted else None

    return wait_for(reached, f"execution {ident} {'/'.join(wanted)}", limit=limit)


def result(client, ident):
    return client.get(f"/api/v1/executions/{ident}/result").json


def events(client, ident):
    return client.get(f"/api/v1/executions/{ident}/events").json["items"]
