"""Open the secrets that a step's call needs, and let nothing of them out of it. Shell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gitbot.errors import CloudError, GitbotError, InvariantError, UserError
from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import Action, Plan
from gitbot.model.requests import Requests
from gitbot.model.secret_references import (
    INPUT,
    SecretProblem,
    SecretValue,
    as_named_by_the_cloud,
    made_of_secrets,
    own_secrets,
    parse_reference,
    secrets_of,
)
from gitbot.model.secrets import Secrets, secret_texts
from gitbot.model.values import Origin, Sensitive, Unknown, Value, has_secrets, leaves, map_leaves
from gitbot.reconciler.operations import requests_of
from gitbot.reconciler.pointers import parse
from gitbot.reconciler.secrets import definition_of, kept
from gitbot.walk.means import Means
from gitbot.walk.secret_json import HARMLESS, check_json, places_of_secrets
from gitbot.walk.tasks import Stage, Task


def check_secrets(stage: Stage, plan: Plan, desired: DesiredStack | None) -> None:
    """Open every secret that the plan needs once, before anything is changed, and forget it.

    Of those that the stack itself makes, the ones that are there and stay.

    Raises:
        CloudError: what is wrong with which secret; nothing was done.
        UserError: with a secret in it, a text is not the JSON that the spec writes; nothing was done.
        TransientError: the cloud did not answer.
    """
    means, resources = stage.means, desired.resources if desired else {}
    sent = {
        change.address: _sent(
            change.action,
            {path.path.split("/")[1] for path in change.paths},
            resources[change.address].properties,
            requests_of(means.schemas(change.type)),
        )
        for change in plan.effective
        if change.address in resources
    }
    needed = secrets_of(sent)
    made = {one.address for one in plan.effective if one.action in (Action.CREATE, Action.REPLACE)}
    own = {at: one for at, one in _own(means, needed).items() if at not in made}
    there = [one for one in needed if parse_reference(one).address in {None, *own}]
    if not there:
        return
    values = _opened(means, there, own)
    with _silent(means, values):
        for address, properties in sent.items():
            ready = _without_references(properties, values)
            _with_values(stage, address, ready, values, own)


def _without_references(tree: Any, values: Mapping[str, SecretValue]) -> Any:
    """The tree with what is made of these secrets alone; what needs a resource is known later."""

    def known(leaf: Value) -> Value:
        if not isinstance(leaf, Unknown) or leaf.references:
            return None
        return leaf if leaf.secrets.keys() <= values.keys() else None

    return map_leaves(tree, known)


def _sent(
    action: Action,
    tops: Collection[str],
    properties: Mapping[str, Value],
    requests: Requests,
) -> Mapping[str, Value]:
    """The properties that the change sends: an update sends what changes, and what goes with that."""
    if action is not Action.UPDATE:
        return properties
    sent = requests.resends | requests.with_others(tops)
    return {name: value for name, value in properties.items() if name in sent}


@contextmanager
def opened(stage: Stage, task: Task) -> Iterator[Task]:
    """The task with the values of the secrets that its call needs, for the time of this block.

    Of an object that stays, only what its calls send is opened; for the rest the recorded hash stands.
    An error that leaves the block quotes no value, and has no other error behind it.

    Raises:
        CloudError: a secret cannot be had.
    """
    if task.bound is None or not has_secrets(task.bound):
        yield task
        return
    bound = task.bound
    change = task.step.change
    if task.previous is not None and change.action in (Action.NOOP, Action.UPDATE):
        changed = {parse(path.path)[0] for path in change.paths}
        if change.action is Action.UPDATE:
            requests = requests_of(stage.means.schemas(change.type))
            changed |= requests.resends | requests.with_others(changed)
        bound = kept(bound, task.previous.properties, stage.redactor, changed)
    references = secrets_of(bound)
    if not references or change.action is Action.NOOP:
        yield replace(task, bound=bound)
        return
    own = _own(stage.means, references)
    values = _opened(stage.means, references, own)
    with _silent(stage.means, values):
        known = _with_values(stage, change.address, bound, values, own)
        made = [leaf.value for leaf in _made(known)]
        with _silent(stage.means, values, *made):
            yield replace(task, bound=known)


def _own(means: Means, references: Collection[str]) -> Mapping[Address, RemoteId]:
    """The secrets among these that the stack itself made, as its state has them by now."""
    addresses = own_secrets(references)
    if not addresses:
        return {}
    made = means.store.read(means.stack).resources
    return {one: made[one].remote_id for one in addresses if one in made}


def _opened(
    means: Means, references: Collection[str], own: Mapping[Address, RemoteId]
) -> Mapping[str, SecretValue]:
    if absent := sorted(own_secrets(references) - own.keys()):
        raise CloudError(f"{', '.join(absent)} is not made yet", code="SecretUnreadable")
    found = means.cloud.open_secrets(references, own)
    wrong = [f"{one.detail} {one.fix}" for one in found.values() if isinstance(one, SecretProblem)]
    if wrong:
        raise CloudError(" ".join(wrong), code="SecretUnreadable")
    return {name: one for name, one in found.items() if isinstance(one, SecretValue)}


def _with_values(
    stage: Stage,
    address: Address,
    bound: Mapping[str, Value],
    values: Mapping[str, SecretValue],
    own: Mapping[Address, RemoteId],
) -> Mapping[str, Value]:
    """The properties, with what is made of secrets in the clear.

    Raises:
        UserError: an expression names another secret with the ARN than it did without, or a secret breaks the JSON
            that a text is.
    """
    unknowns = list(made_of_secrets(bound))
    places = iter(places_of_secrets(bound))
    requests: list[tuple[Unknown, Mapping[Address, Any]]] = [
        (_given(one, values, own), {}) for one in unknowns
    ]
    answers = iter(zip(unknowns, stage.bind(requests), strict=True))

    def harmless(unknown: Unknown) -> Value:
        instead = {name: replace(one, value=HARMLESS) for name, one in values.items()}
        return stage.bind([(_given(unknown, instead, own), {})])[0]

    def change(leaf: Value) -> Value:
        if not isinstance(leaf, Unknown) or not leaf.secrets:
            return leaf
        unknown, value = next(answers)
        if not isinstance(value, Sensitive):
            raise UserError(
                f"an expression made of {', '.join(unknown.secrets)} gives no value, because what it "
                "names is not that secret. Name the secret by its Id alone, as it is"
            )
        check_json(f"{next(places)} of {address}", unknown, value.value, harmless)
        versions = {name: values[name].version for name in unknown.secrets}
        definition = definition_of(unknown, stage.redactor)
        return Sensitive(value.value, Origin(secrets=versions, definition=definition))

    return map_leaves(bound, change)  # type: ignore[no-any-return]


def _given(
    unknown: Unknown, values: Mapping[str, SecretValue], own: Mapping[Address, RemoteId]
) -> Unknown:
    """The unknown with its secrets in its inputs, by the references that its expression makes."""
    secrets = {
        as_named_by_the_cloud(parse_reference(name), own): Sensitive(values[name].value)
        for name in unknown.secrets
    }
    return replace(unknown, inputs={**unknown.inputs, INPUT: secrets})


def _made(tree: Any) -> Iterator[Sensitive]:
    return (leaf for leaf in leaves(tree) if isinstance(leaf, Sensitive) and leaf.origin)


@contextmanager
def _silent(means: Means, values: Mapping[str, SecretValue], *made: Any) -> Iterator[None]:
    """Hide the values in everything that is written meanwhile, and in an error that leaves."""
    texts = [text for one in values.values() for text in secret_texts(one.value)]
    texts += [text for one in made for text in secret_texts(one)]
    secrets = Secrets(texts=frozenset(texts), brief=True)
    with means.hiding(secrets):
        try:
            yield
        except GitbotError as error:
            error.args = tuple(
                secrets.hide(one) if isinstance(one, str) else one for one in error.args
            )
            # The error behind it may quote the value, and would be logged with it.
            error.__context__ = None
            raise error.with_traceback(None) from None
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the value
            raise InvariantError(
                f"a call with a secret failed with {type(error).__name__}, whose text is not kept"
            ) from None
