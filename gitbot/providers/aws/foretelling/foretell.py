"""Ask every question that concerns a plan, and collect what AWS will object to. Shell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.model.observed import Deed, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Question
from gitbot.providers.aws.foretelling.questions import QUESTIONS
from gitbot.providers.aws.refusals import DENIALS

T = TypeVar("T")


def foretell(facts: Facts, deeds: Sequence[Deed]) -> Iterator[Objection]:
    """What AWS will object to, question by question.

    Raises:
        CloudError, TransientError, UserError: AWS did not answer a question that can stop the plan.
    """
    for question in QUESTIONS:
        concerned = [deed for deed in deeds if question.concerns(deed)]
        if concerned:
            yield from _answered(question, facts, concerned, deeds)


def _answered(
    question: Question[T], facts: Facts, concerned: Sequence[Deed], deeds: Sequence[Deed]
) -> Sequence[Objection]:
    try:
        told = question.ask(facts, concerned)
    except (CloudError, TransientError, UserError) as error:
        denied = isinstance(error, CloudError) and error.code in DENIALS
        if question.refuses and not denied:
            raise
        return ()
    return tuple(question.say(told, concerned, deeds))
