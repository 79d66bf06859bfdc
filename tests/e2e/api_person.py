"""A person who has signed in to the sandbox's server, and keeps all that its API tells. Shell."""

from __future__ import annotations

import json
from typing import Any

import requests

from gitbot_sandbox.sandbox import Sandbox, eventually
from gitbot_sandbox.stage import Stage


class ApiPerson:
    """``told`` has every answer by what was asked; ``secrets`` what would let others in."""

    def __init__(self, sandbox: Sandbox, login: str) -> None:
        self._root = f"{sandbox.server_url}/api/v1"
        self.told: dict[str, bytes] = {}
        self.secrets: set[str] = {sandbox.app.client_secret}
        self._headers: dict[str, str] = {}
        begun = self.ask("POST", "/login")
        store = sandbox.github.hub.store
        codes = (c for c, one in store.device_logins.items() if one.user_code == begun["user_code"])
        self.secrets |= {begun["handle"], next(codes)}
        sandbox.github.authorize_device(begun["user_code"], login)
        token = self.ask("POST", f"/login/{begun['handle']}")["token"]
        self.secrets.add(token)
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer, which may be a problem."""
        answer = requests.request(
            method, self._root + path, json=body, headers=self._headers, timeout=60
        )
        self.told[f"{method} {path} {json.dumps(body)}"] = answer.content
        return answer.json()

    def wait(self, path: str, body: Any) -> Any:
        """Ask for a plan or an apply, and wait for its end."""
        made = self.ask("POST", path, body)
        where = f"{path}/{made['id']}"

        def ended() -> Any:
            found = self.ask("GET", where)
            return found if found["status"] in ("done", "failed") else None

        return eventually(ended, what=where)

    def read_all(self, stage: Stage) -> None:
        """Ask for all that there is to read about a repository."""
        root = f"/repositories/{stage.name}/environments"
        self.ask("GET", "/me")
        self.ask("GET", "/repositories")
        for environment in self.ask("GET", root)["items"]:
            below = f"{root}/{environment['name']}"
            self.ask("GET", f"{below}/schedule")
            for stack in self.ask("GET", f"{below}/stacks")["items"]:
                here = f"{below}/stacks/{stack['name']}"
                self.ask("GET", here)
                self.ask("GET", f"{here}/outputs")
        self.ask("GET", f"{root}/none/stacks")
