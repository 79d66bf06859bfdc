"""Checks what a child answers: unreviewed specs may have taken it over. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cattrs import BaseValidationError

from gitbot.adapters.loader.deaths import UNREADABLE, DiedError
from gitbot.language.assemble import LoadedFile
from gitbot.language.files import SpecFile
from gitbot.model.codec import from_data


def is_about(loaded: LoadedFile, file: SpecFile, modules: Collection[str]) -> bool:
    """Whether the answer speaks of this file and its environment, or of modules, and of no other.

    ``modules`` are the paths of the modules that the file may use.
    """
    stacks = [one.desired for one in loaded.stacks if one.desired is not None]
    declared = loaded.declares
    return (
        (loaded.path, loaded.environment) == (file.path, file.environment)
        and all(one.file == file.path or one.file in modules for one in loaded.diagnostics)
        and all((one.environment or "") == file.environment for one in loaded.diagnostics)
        and all(one.environment == file.environment for one in stacks)
        and (declared is None or (file.is_home and declared.name == file.environment))
    )


def values_of(answer: Mapping[str, Any], type_: type[Any], count: int) -> tuple[Any, ...]:
    """The answers of the child, checked to be ``count`` values of ``type_``.

    Raises:
        DiedError: they are not. Unreviewed specs may have taken over the child.
    """
    try:
        found = tuple(from_data(one, type_) for one in answer["values"])
    except (BaseValidationError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise DiedError("loader-failed", f"{UNREADABLE} ({type(error).__name__})") from None
    if len(found) != count:
        raise DiedError("loader-failed", UNREADABLE)
    return found
