"""Translates one template of SAM in a child process of its own, for commands that convert it. Shell."""

from __future__ import annotations

from typing import Any, Final

from gitbot.adapters.loader.child import Child
from gitbot.adapters.loader.deaths import DiedError
from gitbot.adapters.sam import has_sam
from gitbot.language.cloudformation.sam import Translated, Translator

_TIMEOUT_S: Final = 20.0


def open_translator() -> Translator | None:
    """What translates templates under the limits of loading; None when aws-sam-translator is not installed."""
    return _translated if has_sam() else None


def _translated(template: dict[str, Any]) -> Translated:
    child = Child(reviewed=True, sam=True)
    try:
        answer = child.ask({"do": "translate", "template": template}, _TIMEOUT_S)
    except DiedError as error:
        return Translated(template=None, refused=((None, f"with this template it {error.why}."),))
    finally:
        child.kill()
    made, refused = answer["template"], answer["refused"]
    return Translated(
        template=made if isinstance(made, dict) else None,
        refused=tuple((name, str(why)) for name, why in refused),
    )
