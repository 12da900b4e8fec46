"""What tests of the API have in common: one server for a file, and the calls that most of them make."""

import unittest

from . import flows
from .program import Server


class ApiCase(unittest.TestCase):
    server = None

    @classmethod
    def setUpClass(cls):
        if ApiCase.server is None:
            ApiCase.server = unittest.enterModuleContext(Server())
        cls.api = cls.server.client()

    def make(self, *nodes, publish=False, **more):
        return flows.create(self, self.api, flows.chain(self.id().rsplit(".", 1)[-1], *nodes, **more), publish)

    def ran(self, workflow, given=None):
        answer = self.api.post(f"/api/v1/workflows/{workflow}/execute?wait=30s", {"input": given})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["id"]

    def listed(self, query):
        answer = self.api.get("/api/v1/executions?" + query)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def faulty(self, answer, status, code):
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")


