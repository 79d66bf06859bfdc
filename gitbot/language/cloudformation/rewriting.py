"""Rewrites what in a template means something else than the same in a spec. Pure."""

from __future__ import annotations

from gitbot.language.cloudformation.groups import rewritten
from gitbot.language.cloudformation.lists_apart import lists_apart
from gitbot.language.cloudformation.shared_policies import each_alone
from gitbot.language.nodes import Node


def as_specs_say_it(template: Node) -> Node:
    """The template, in which each resource means what it would mean in a spec; it is not changed itself."""
    return rewritten(lists_apart(each_alone(template)))
