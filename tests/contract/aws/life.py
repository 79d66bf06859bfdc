"""Load, plan and carry out the spec of one object, as the walk does, against the local AWS."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitbot.errors import SpecError
from gitbot.language.bind import bind
from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Present
from gitbot.model.plan import Action, Change, Disruption, PathChange, Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.model.values import reveal
from gitbot.reconciler.equality import Equality, pair
from gitbot.reconciler.makings import deeds_of, refusals
from gitbot.reconciler.operations import operation_properties, split_by_restart
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.pointers import MISSING, Path, parse, value_at
from gitbot.reconciler.rules import Rules, rules_of
from gitbot.reconciler.tags import tags_of
from tests.contract.aws.world import ADDRESS, REDACTOR, REGION, AwsWorld

ENVIRONMENT = f"""\
apiVersion: gitbot/v1
kind: Environment
metadata: {{name: dev}}
spec: {{region: {REGION}}}
"""
STACK = StackId(repository="1", environment="dev", name="test", region=REGION)


class RefusedError(Exception):
    """The spec or its plan has diagnostics, and nothing was done."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(f"{one.code}: {one.detail}" for one in diagnostics))
        self.codes = frozenset(one.code for one in diagnostics)


_SECRET = re.compile(r"(?:Passwords?|SecretString|PrivateKey|ClientSecret|AuthToken|AccessToken)\Z")


def _without_secrets(value: Any, secrets: dict[str, str], name: str = "") -> Any:
    """The value with variables in place of secrets, which no spec may write; puts their values into ``secrets``.

    U+0000, which no sample has, stands for the sign of an expression.
    """
    if isinstance(value, Mapping):
        return {key: _without_secrets(one, secrets, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_secrets(one, secrets, name) for one in value]
    if not (isinstance(value, str) and _SECRET.search(name)):
        return value
    variable = f"secret_{len(secrets)}"
    secrets[variable] = value
    return f"\0vars.{variable}}}"


@dataclass(slots=True)
class Life:
    """One object of a type, from its creation on. ``recorded`` are the properties last applied."""

    world: AwsWorld
    type: str
    remote_id: RemoteId | None = None
    recorded: Mapping[str, Any] = field(default_factory=dict)
    pretended: Mapping[str, Any] = field(default_factory=dict)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    seen: Mapping[str, Any] = field(default_factory=dict)

    def load(self, properties: Mapping[str, Any]) -> DesiredStack:
        """The stack with this object alone. Raises RefusedError."""
        secrets: dict[str, str] = {}
        resource = {"type": self.type, "properties": _without_secrets(properties, secrets)}
        document = {
            "apiVersion": "gitbot/v1",
            "kind": "Stack",
            "metadata": {"name": "life"},
            "spec": {
                "variables": {
                    name: {"type": "string", "sensitive": True, "default": text}
                    for name, text in secrets.items()
                },
                "resources": {str(ADDRESS): resource},
            },
        }
        text = json.dumps(document).replace("${", "$${").replace("\\u0000", "${")
        files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/life.yaml": text}
        entries = {
            path: TreeEntry(content=one.encode(), size_bytes=len(one.encode()))
            for path, one in files.items()
        }
        catalog = self.world.catalog
        loaded = load_tree(SpecTree(id="0" * 40, entries=entries), catalog.lookup, catalog.names)
        if wrong := loaded.errors():
            raise RefusedError(wrong)
        (stack,) = loaded.stacks
        known = replace(
            stack.resources[ADDRESS], properties=reveal(stack.resources[ADDRESS].properties)
        )
        return replace(stack, resources={ADDRESS: known})

    def plan(self, properties: Mapping[str, Any], more: Iterable[str] = ()) -> Plan:
        """What an apply of these properties would do. Raises RefusedError.

        Keeps in ``seen`` what the cloud shows, with ``more`` properties than those declared.
        """
        desired = self.load(properties)
        resources, observed = {}, {}
        if self.remote_id is not None:
            resources[ADDRESS] = self._record(self.recorded)
            wanted = {*desired.resources[ADDRESS].properties, *self.recorded, *more}
            seen = self.world.observe(self.type, self.remote_id, wanted, recorded=self.recorded)
            assert isinstance(seen, Present)
            self.seen = seen.properties
            observed[ADDRESS] = replace(seen, properties={**seen.properties, **self.pretended})
        recorded = RecordedStack(id=STACK, lineage="lineage-1", resources=resources)
        try:
            plan = make_plan(
                stack=STACK,
                desired=desired,
                recorded=recorded,
                observed=observed,
                owners={},
                schemas=self.world.catalog.lookup,
                account="123456789012",
                commit=None,
                redactor=REDACTOR,
                bind=lambda requests: [bind(unknown, given) for unknown, given in requests],
                pack_version="1",
            )
        except SpecError as error:
            raise RefusedError(error.diagnostics) from error
        if wrong := self._foretold(plan, desired, recorded):
            raise RefusedError(wrong)
        return plan

    def _foretold(
        self, plan: Plan, desired: DesiredStack, recorded: RecordedStack
    ) -> Sequence[Diagnostic]:
        """What the cloud says before that it will refuse."""
        deeds = deeds_of(plan, desired, recorded, self.world.catalog.lookup)
        if not deeds:
            return ()
        self.world.reopen()  # what a cloud tells it remembers, and this one has changed since
        return refusals(desired, self.world.cloud.objections(deeds))

    def change(self, properties: Mapping[str, Any], more: Iterable[str] = ()) -> Change:
        """The change of the object in ``plan``."""
        [change] = self.plan(properties, more).changes
        return change

    def apply(self, properties: Mapping[str, Any]) -> Change:
        """Carry the plan out, and check that the cloud is then as the plan said; returns the change.

        A replacement is not carried out. Raises RefusedError.
        """
        change, had = self.change(properties), self.seen
        match change.action:
            case Action.CREATE:
                self.remote_id = self.world.create(self.type, properties, token=self.token)
            case Action.UPDATE:
                self._update(properties, change)
            case Action.NOOP:
                self.recorded = properties
                return change
            case _:
                return change
        self.recorded = properties
        again = self.change(properties, {path.path.split("/")[1] for path in change.paths})
        assert again.action is Action.NOOP, f"the next plan: {told(again)}"
        if change.action is Action.UPDATE:
            self._check_told(properties, change)
            self._check_attributes(had, change)
        return change

    def attempt(self, properties: Mapping[str, Any]) -> frozenset[str]:
        """Apply; returns the codes of the diagnostics if it is refused, and none if it is done."""
        try:
            self.apply(properties)
        except RefusedError as refused:
            return refused.codes
        return frozenset()

    def forget(self, properties: Mapping[str, Any]) -> None:
        """Go on as if only these properties had ever been declared."""
        self.recorded, self.pretended = properties, {}

    def end(self) -> None:
        """Delete the object, if there is one; the next apply makes it again."""
        if self.remote_id is not None:
            operation = self.world.operation(self.type, self.recorded, token=self.token)
            self.world.cloud.delete(operation, self.remote_id)
        self.remote_id, self.recorded, self.pretended = None, {}, {}

    def pretend(self, properties: Mapping[str, Any]) -> None:
        """Plan as if the object had been made with these properties."""
        self.recorded = self.pretended = properties

    def _record(self, properties: Mapping[str, Any]) -> RecordedResource:
        assert self.remote_id is not None
        schema = self.world.schema(self.type)
        return RecordedResource(
            address=Address(ADDRESS),
            type=self.type,
            remote_id=self.remote_id,
            properties=properties,
            account="123456789012",
            region=REGION,
            route=Route.NATIVE,
            create_only=schema.create_only,
        )

    def _update(self, properties: Mapping[str, Any], change: Change) -> None:
        assert self.remote_id is not None
        schema, cloud = self.world.schema(self.type), self.world.cloud
        sent, changed, removed = operation_properties(schema, properties, change.paths)
        # Any other property may hold a secret, which nobody opens for calls that do not send it.
        known = schema.requests.with_others(changed | removed)
        sent = {name: value for name, value in sent.items() if name in known}
        operation = replace(
            self.world.operation(self.type, sent, token=self.token),
            changed=changed,
            removed=removed,
            recorded=self.recorded,
        )
        at_once, when_stopped = split_by_restart(operation, schema)
        if at_once.changed or at_once.removed:
            cloud.update(at_once, self.remote_id)
        if when_stopped.changed or when_stopped.removed:
            cloud.stop(when_stopped, self.remote_id)
            cloud.update(when_stopped, self.remote_id)
            cloud.start(when_stopped, self.remote_id)

    def _check_attributes(self, had: Mapping[str, Any], change: Change) -> None:
        """The kind: an attribute that an update moves, while the plan gives others the former value."""
        schema = self.world.schema(self.type)
        tops = {parse(path.path)[0] for path in change.paths}
        told = {pointer for pointer, those in schema.follows.items() if those & tops}
        told |= schema.volatile if change.disruption is not Disruption.NONE else set()
        for pointer in set(schema.read_only) - told:
            if any(one.startswith(f"{pointer}/") for one in told):
                continue  # a part of it moves
            place = parse(pointer)
            before, now = value_at(had, place), value_at(self.seen, place)
            assert before == now or before in (MISSING, None), f"{pointer}: {before!r} -> {now!r}"

    def _check_told(self, properties: Mapping[str, Any], change: Change) -> None:
        schema, shown = self.world.schema(self.type), self.seen
        if schema.normalise is not None:
            shown, properties = schema.normalise(shown), schema.normalise(properties)
        rules = rules_of(schema)
        equality = Equality(rules, REDACTOR)
        for path in change.paths:
            place = parse(path.path)
            if schema.tags_path is not None and path.path.startswith(schema.tags_path + "/"):
                if len(place) > 2:
                    continue  # what a tag says beside its value; the next plan is empty
                now: Any = tags_of(shown.get(place[0])).get(place[-1], MISSING)
            elif place[-1].isdigit():
                continue  # its index may name another element now; the next plan is empty
            else:
                now = _shown_at(equality, place, properties, shown)
            now = _own(rules, path, now)
            removal = schema.removals.get(path.path)
            if path.removed and removal is not None and removal.asked:
                assert now != path.before, f"{path.path} stays {now!r}"
                if isinstance(path.after, list):
                    assert all(item in now for item in path.after), f"{path.path} is {now!r}"
            elif path.removed and path.after is None:
                assert now in (MISSING, None, "", [], {}), f"{path.path} stays {now!r}"
            elif not rules.write_only.reaches(place):
                assert equality.holds(place, path.after, now), f"{path.path} is {now!r}"


def _own(rules: Rules, path: PathChange, now: Any) -> Any:
    """What is shown at the path; of an open list that was removed, the elements that it had: others stay."""
    if path.removed and rules.is_open(parse(path.path)) and isinstance(now, list):
        return [one for one in now if one in path.before]
    return now


def _shown_at(equality: Equality, place: Path, desired: Any, shown: Any) -> Any:
    """The observed value at a path of the desired properties, whose lists may be in other orders."""
    for depth, part in enumerate(place):
        here = place[:depth]
        if isinstance(desired, list) and isinstance(shown, list) and equality.rules.pairs(here):
            found, _ = pair(equality, here, desired, shown)
            shown = value_at(shown, (str(found.get(int(part), "gone")),))
        else:
            shown = value_at(shown, (part,))
        desired = value_at(desired, (part,))
    return shown


def told(change: Change) -> str:
    """The change in short."""
    return "; ".join(
        f"{'-' if path.removed else '+'} {path.path}: {path.before!r} -> {path.after!r}"
        for path in change.paths
    )
