"""The field of an environment that is about promotion, and what it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from gitbot.language.field_shapes import NAME, Field, ListOf, Parsed, Record, Text
from gitbot.language.nodes import Node
from gitbot.language.places import place_in
from gitbot.language.problems import Problems, quoted, suggest
from gitbot.model.desired import Environment
from gitbot.model.durations import DURATION_PATTERN, duration_between
from gitbot.model.promotion import How, PromotionRules
from gitbot.model.text_problem import TextProblemError
from gitbot.model.tree import SpecTree

_AUTHORS: Final = "authors"


def _pointer(text: str) -> tuple[str, ...]:
    """The steps of a JSON pointer: https://www.rfc-editor.org/rfc/rfc6901"""
    if not text.startswith("/spec/") and not text.startswith("/metadata/"):
        raise TextProblemError(
            f'"{text}" begins neither with /spec/ nor with /metadata/.',
            "Write the path in the Stack document, such as /spec/values/my_ip.",
        )
    steps = text[1:].split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


_PREFIX = Text(pattern=r"[^\r\n]*", rule="text on one line", longest=100)

PROMOTES_FROM: Final = Record(
    shorthand="environment",
    fields={
        "environment": Field(
            shape=NAME, required=True, doc="The environment whose applied changes come here."
        ),
        "how": Field(
            shape=Text(choices=tuple(one.value for one in How)),
            doc='"off"; pr (the default): a pull request that a person merges; merge: gitbot merges '
            "it when every gate is open.",
        ),
        "soak": Field(
            shape=Parsed(
                read=duration_between(timedelta(), timedelta(days=30)),
                rule='a duration such as "2h"',
                pattern=DURATION_PATTERN,
            ),
            doc="How long the change must have been healthy and without drift there; default 0s.",
        ),
        "keep": Field(
            shape=ListOf(
                item=Parsed(
                    read=_pointer,
                    rule="a JSON pointer into a Stack such as /spec/values/my_ip",
                    pattern=r"/(spec|metadata)/.+",
                )
            ),
            doc="Paths that are never promoted: this environment keeps its own. * is any one step.",
        ),
        "labels": Field(
            shape=ListOf(
                item=Text(pattern=r"[^,]+", rule="the name of a label, no comma", longest=50)
            ),
            doc="Labels of the pull requests.",
        ),
        "reviewers": Field(
            shape=ListOf(
                item=Text(
                    pattern=r"[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9_.-]+)?",
                    rule="a GitHub login, or organisation/team",
                    longest=140,
                )
            ),
            doc="Who is asked for a review when a person is needed.",
        ),
        "assign": Field(
            shape=Text(choices=(_AUTHORS, "nobody")),
            doc="Who is assigned: authors of the promoted changes, or nobody (the default).",
        ),
        "titlePrefix": Field(shape=_PREFIX, doc="What titles of pull requests begin with."),
        "commitPrefix": Field(shape=_PREFIX, doc="What commit messages begin with."),
    },
)


def check_promotion(
    given: Mapping[str, Any] | None, place: Node | None, folder: str, problems: Problems
) -> None:
    """Say when an environment is promoted from itself."""
    if given is not None and given.get("environment") == folder and place is not None:
        problems.add(
            "bad-value",
            place.get("environment") or place,
            f"{folder} cannot be promoted from itself.",
            "Name the environment that changes go through before they come here.",
        )


def promotion_rules(given: Mapping[str, Any] | None) -> PromotionRules | None:
    """The rules that ``promotesFrom`` means, when nothing is wrong with it; None without it."""
    if given is None:
        return None
    return PromotionRules(
        source=given["environment"],
        how=How(given.get("how", How.PR)),
        soak=given.get("soak", timedelta()),
        keep=given.get("keep", ()),
        labels=given.get("labels", ()),
        reviewers=given.get("reviewers", ()),
        assign_authors=given.get("assign") == _AUTHORS,
        title_prefix=given.get("titlePrefix", ""),
        commit_prefix=given.get("commitPrefix", ""),
    )


def check_edges(
    environments: Mapping[str, Environment],
    folders: Collection[str],
    tree: SpecTree,
    problems: Problems,
) -> None:
    """Say when an environment is promoted from one that is not there, or in a circle.

    ``folders`` are the names of all environments that have files: what is wrong with one that does
    not load is said there, and nothing more of it here.
    """
    for name, environment in environments.items():
        rules = environment.promotes_from
        if rules is None:
            continue
        here = problems.of_file(environment.source.file, name)
        written = rf"promotesFrom\b.*?\b(?P<at>{re.escape(rules.source)})\b"
        place = place_in(tree, environment.source, written)
        if rules.source not in environments and rules.source not in folders:
            here.add(
                "bad-value",
                place,
                f"{name} is promoted from {quoted(rules.source)}, which the specs do not have.",
                suggest(rules.source, tuple(folders), "Name an environment of specs/."),
            )
        elif name in _before(rules.source, environments):
            here.add(
                "bad-value",
                place,
                f"{name} is promoted from {rules.source}, which is promoted from {name} in turn.",
                "Promote in one direction.",
            )


def _before(name: str, environments: Mapping[str, Environment]) -> frozenset[str]:
    """The environment and those that it is promoted from, directly or not."""
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        known = environments.get(name)
        rules = known.promotes_from if known is not None else None
        if rules is None:
            break
        name = rules.source
    return frozenset(seen)
