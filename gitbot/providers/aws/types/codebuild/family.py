"""Say how CodeBuild names, describes and tags its projects. Shell.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitbot.providers.aws.asking import ask
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.table import Described, shown
from gitbot.providers.aws.tagging import tag_map

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

CODEBUILD = Dialect(
    service="codebuild", absent=frozenset({"ResourceNotFoundException"}), renames=True
)
NAME = Name(property="Name", longest=150)


def project(aws: Connection, name: str) -> Described:
    """The project as CodeBuild describes it; nothing for one that is gone."""
    found: list[Described] = ask(aws, CODEBUILD, "batch_get_projects", Names=[name])["Projects"]
    return found[0] if found else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tags(PlainTags):
    """Tags that the call that changes a project sets, all at once."""

    def put(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        """See ``table.Tagging``."""
        has = self._has(aws, described)
        if tags and {**has, **tags} != has:
            self._set(aws, described, {**has, **tags})

    def remove(self, aws: Connection, described: Described, keys: Iterable[str]) -> None:
        """See ``table.Tagging``."""
        has, gone = self._has(aws, described), set(keys)
        if gone & has.keys():
            left = {key: value for key, value in has.items() if key not in gone}
            self._set(aws, described, left)

    def _has(self, aws: Connection, described: Described) -> dict[str, str]:
        return tag_map(project(aws, described["Name"]).get("Tags"))

    def _set(self, aws: Connection, described: Described, tags: Mapping[str, str]) -> None:
        ask(aws, CODEBUILD, self.putting, **self.target(described), Tags=self._form(tags))


TAGS = _Tags(
    dialect=CODEBUILD,
    target=shown("Name"),
    putting="update_project",
    removing="update_project",
    arn="Arn",
)
LISTING = Plain(
    dialect=CODEBUILD,
    call="batch_get_projects",
    many="Names",
    answer="Projects",
    tags=TAGS,
    name=NAME,
    index=Index("codebuild:project"),
)
