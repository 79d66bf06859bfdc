"""Domains of SageMaker that are to be deleted and still have user profiles, spaces or apps. Shell.

https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from gitbot.model.observed import Deed, Objection, Removing
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:  # a plan of another service must not pull the types of SageMaker in
    from gitbot.providers.aws.types.sagemaker.domain_users import User

_MOST: Final = 5


def concerns(deed: Deed) -> bool:
    """Whether a domain is deleted."""
    return isinstance(deed, Removing) and deed.type == "AWS::SageMaker::Domain"


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Sequence[User]]:
    """What each domain has, with a call for each kind."""
    from gitbot.providers.aws.types.sagemaker.domain_users import users_of

    return facts.each("domain", {str(deed.remote_id) for deed in deeds}, users_of)


def say(
    answer: Mapping[str, Sequence[User]], concerned: Deeds, deeds: Deeds
) -> Iterator[Objection]:
    """A remark on each domain that has something which the plan does not delete with it."""
    going = {(one.type, str(one.remote_id)) for one in deeds if isinstance(one, Removing)}
    for deed in concerned:
        stay = [
            user.words
            for user in answer[str(deed.remote_id)]
            if (user.type, user.remote_id) not in going
        ]
        if stay:
            more = f" and {len(stay) - _MOST} more" if len(stay) > _MOST else ""
            yield Objection(
                address=deed.address,
                why=f"domain `{deed.remote_id}` has {', '.join(stay[:_MOST])}{more}, and SageMaker deletes no "
                "domain that has user profiles, spaces or apps that run.",
                fix="Delete them before this is applied, the apps first. The volumes of spaces are deleted with them.",
                remark=True,
            )


FULL_DOMAINS = Question(concerns=concerns, ask=ask, say=say)
