"""Repositories of ECR that are to be deleted and have images. Shell.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_TYPE: Final = "AWS::ECR::Repository"
_GONE: Final = frozenset({"RepositoryNotFoundException"})


def concerns(deed: Deed) -> bool:
    """Whether a repository is deleted, and nothing says that its images may go."""
    return isinstance(deed, Removing) and deed.type == _TYPE and not deed.empties


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, bool]:
    """Whether each repository has an image, with one call for each."""
    return facts.each("repository", {str(deed.remote_id) for deed in deeds}, _is_full)


def _is_full(aws: Connection, repository: str) -> bool:
    try:
        answer = aws.call("ecr", "list_images", repositoryName=repository, maxResults=1)
    except CloudError as error:
        ignoring(_GONE, error)
        return False
    return bool(answer["imageIds"])


def say(answer: Mapping[str, bool], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """A remark on each repository that ECR will not delete as it is."""
    for deed in concerned:
        if answer[str(deed.remote_id)]:
            yield Objection(
                address=deed.address,
                why=f"repository `{deed.remote_id}` has images, and ECR deletes empty repositories only.",
                fix="Delete them before this is applied, or set `lifecycle: {emptyOnDelete: true}` on the "
                "resource and apply that first.",
                remark=True,
            )


FULL_REPOSITORIES = Question(
    concerns=concerns,
    ask=ask,
    say=say,
    rights=frozenset({"ecr:ListImages"}),
    about=lambda type_: type_ == _TYPE,
)
