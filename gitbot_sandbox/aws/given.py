"""Let moto's objects show all that they were given, and change it. Shell.

moto keeps some parameters of its creating calls only, and has no call that changes some objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult

from gitbot_sandbox.aws.moto_patch import wrap

Given = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of object: ``create_…`` and ``describe_…`` of a class of responses.

    ``name`` is the parameter with the object's name, ``backend`` the attribute with moto's backend.
    ``spelled`` maps parameters to their names in descriptions where these differ.
    """

    response: type
    backend: str
    kind: str
    name: str
    spelled: Mapping[str, str] = field(default_factory=dict)

    def show(self) -> None:
        """Let descriptions show what the creating call was given."""
        wrap(self.response, f"create_{self.kind}", self._keeping)
        wrap(self.response, f"describe_{self.kind}", self._showing)

    def change(self, update: Callable[[Any, str, Given], Mapping[str, Any]]) -> None:
        """Add ``update_…``: ``update`` gets the responses, the name and the parameters.

        It raises moto's error, or changes the object and returns what descriptions then show in
        place of what they showed; None for a value: nothing. The answer is the object's description.
        """

        def change_it(responses: Any) -> ActionResult:
            described = getattr(responses, f"describe_{self.kind}")()
            asked = {key: value for key, value in responses.params.items() if key != self.name}
            name = responses.params[self.name]
            self.given_of(responses).setdefault(name, {}).update(update(responses, name, asked))
            return ActionResult(described.result)

        setattr(self.response, f"update_{self.kind}", change_it)

    def given_of(self, responses: Any) -> dict[str, Given]:
        """What the objects were given, by name; gone when moto is emptied."""
        kept: dict[str, dict[str, Given]]
        kept = vars(getattr(responses, self.backend)).setdefault("given", {})
        return kept.setdefault(self.kind, {})

    def _keeping(self, create: Any) -> Any:
        @wraps(create)
        def creating(responses: Any) -> Any:
            answer = create(responses)
            self.given_of(responses)[responses.params[self.name]] = dict(responses.params)
            return answer

        return creating

    def _showing(self, describe: Any) -> Any:
        @wraps(describe)
        def describing(responses: Any) -> Any:
            described = dict(describe(responses).result)
            given = self.given_of(responses).get(responses.params[self.name], {})
            shown = {self.spelled.get(key, key): value for key, value in given.items()}
            return ActionResult(
                {key: value for key, value in (described | shown).items() if value is not None}
            )

        return describing
