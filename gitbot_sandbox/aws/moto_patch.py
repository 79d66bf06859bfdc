"""Make moto behave as AWS by replacing single methods of its classes. Shell.

Measured against moto 5.2.5. A replacement holds for the whole process, so only the sandbox's own
process or a test's makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import signature
from types import ModuleType
from typing import Any, TypeAlias

Tags: TypeAlias = Mapping[str, str] | Iterable[Mapping[str, str]] | None
"""Tags as a map or as pairs."""
MOST_TAGS = 50
"""How many tags most services take of an object."""


def wrap(owner: type | ModuleType, name: str, make: Callable[[Any], Any]) -> None:
    """Replace ``owner.name`` by ``make(original)``."""
    setattr(owner, name, make(getattr(owner, name)))


def by_name(original: Any, *given: Any, **named: Any) -> dict[str, Any]:
    """The arguments by their names, but for ``self``: moto's CloudFormation gives some by their places."""
    asked = signature(original).bind(None, *given, **named).arguments
    return {name: value for name, value in asked.items() if name != "self"}


def forgets_tags(
    arns: Callable[[Any, Any], Iterable[str]], *, tagger: str = "tagger"
) -> Callable[[Any], Any]:
    """For ``wrap``. Defect: the tags of what is deleted stay, and the next object of its name has them.

    ``arns`` returns the ARNs of the objects from the backend and from what it is told to delete.
    """

    def make(original: Any) -> Any:
        @wraps(original)
        def delete(self: Any, given: Any) -> Any:
            gone = list(arns(self, given))
            answer = original(self, given)
            for arn in gone:
                getattr(self, tagger).delete_all_tags_for_resource(arn)
            return answer

        return delete

    return make


def at_most_fifty(
    present: Callable[[Any, str], Tags], refusal: Callable[[], Exception]
) -> Callable[[Any], Any]:
    """For ``wrap``. Defect: any number of tags is taken.

    ``present`` returns the tags of an object from the backend and its ARN.
    """

    def make(original: Any) -> Any:
        @wraps(original)
        def tag(self: Any, arn: str, tags: Tags) -> Any:
            if len(_keys(present(self, arn)) | _keys(tags)) > MOST_TAGS:
                raise refusal()
            return original(self, arn, tags)

        return tag

    return make


def _keys(tags: Tags) -> set[str]:
    return set(tags) if isinstance(tags, Mapping) else {one["Key"] for one in tags or ()}
