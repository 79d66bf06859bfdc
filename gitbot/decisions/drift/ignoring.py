"""Write an entry of ``drift.ignore`` into the text of an environment's file. Pure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from gitbot.errors import RefusedError
from gitbot.language.editing.pieces import documents_of
from gitbot.language.editing.rewrite import rewritten
from gitbot.language.editing.whole import document_in
from gitbot.model.drift import Difference
from gitbot.reconciler.pointers import parse, reaches

_SAME = ("stack", "resource", "path")


def with_ignored(text: str, environment: str, entry: dict[str, str]) -> str:
    """The text with the entry. One about the same path of the same resource gets its new date.

    ``entry`` has ``stack``, ``resource``, ``path``, ``until`` and ``because``.

    Raises:
        RefusedError: drift is not looked for in the environment, or the file has another form.
        EditError: the text cannot be changed without touching more.
    """
    document = document_in(text, "Environment", environment)
    if document is None:
        raise RefusedError(f"`specs/{environment}/environment.yaml` has no environment in it")
    wanted = copy.deepcopy(documents_of(text)[document])
    rules = _rules(wanted)
    known = rules.setdefault("ignore", [])
    if not isinstance(known, list):
        raise RefusedError("`drift.ignore` is no list: mend it first")
    for one in known:
        if isinstance(one, dict) and all(one.get(name) == entry[name] for name in _SAME):
            one.update(entry)
            break
    else:
        known.append(dict(entry))
    return rewritten(text, wanted, document=document)


def check_differs(resource: str, path: str, differences: Sequence[Difference]) -> None:
    """Return when something differs at the path or below it.

    Raises:
        RefusedError: nothing does; says what differs.
    """
    known = [one for one in differences if one.path]
    pointer = parse(path)
    if any(one.address == resource and reaches(pointer, parse(one.path)) for one in known):
        return
    names = ", ".join(f"`{one.address}` `{one.path}`" for one in known) or "nothing that has a path"
    raise RefusedError(f"`{resource}` does not differ at `{path}`; what differs: {names}")


def _rules(wanted: Any) -> dict[str, Any]:
    """The map of ``spec.drift``; a bare interval is written as ``every``."""
    spec = wanted.get("spec")
    if not isinstance(spec, dict):
        raise RefusedError("the environment has no `spec`: mend it first")
    rules = spec.get("drift")
    if isinstance(rules, dict):
        return rules
    if rules == "off":
        raise RefusedError(
            "drift is not looked for in this environment: there is nothing to ignore"
        )
    spec["drift"] = {} if rules is None else {"every": rules}
    made: dict[str, Any] = spec["drift"]
    return made
