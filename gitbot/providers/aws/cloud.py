"""Serve one account and region of AWS: pass each call to the handler of its type. Shell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain, groupby, repeat
from typing import TypeVar

from gitbot.errors import CloudError, TransientError
from gitbot.model.cloud import Operation, Power
from gitbot.model.hours import BusyMetric, PreStop
from gitbot.model.lookups import Answer, LookupRule, Question
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import (
    Deed,
    Found,
    Lookup,
    Objection,
    Observation,
    Present,
    ReadRequest,
    Stray,
)
from gitbot.model.schema import Route
from gitbot.model.secret_references import (
    Asked,
    Opened,
    SecretProblem,
    SecretReference,
    is_listed,
    parse_reference,
)
from gitbot.model.tags import STACK_TAG
from gitbot.ports.telemetry import here
from gitbot.providers.aws import protections
from gitbot.providers.aws.catalog import Catalog
from gitbot.providers.aws.connection import Connection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.foretell import foretell
from gitbot.providers.aws.looking import look
from gitbot.providers.aws.lookup_reading import answer
from gitbot.providers.aws.machines import measure, run_command
from gitbot.providers.aws.native import Handler, Powered, Resuming
from gitbot.providers.aws.new_roles import may_lag
from gitbot.providers.aws.passing import Stage
from gitbot.providers.aws.refused_deletions import seen_before, take_back
from gitbot.providers.aws.secrets import ask_versions, open_secrets
from gitbot.providers.aws.strays import strays
from gitbot.providers.aws.tagged_apart import profiles, tagged_apart
from gitbot.providers.aws.waiting import heard_by, patiently

T = TypeVar("T")


class AwsCloud:
    """One account and region; fits ``ports.Cloud``. Safe to use from many threads."""

    def __init__(
        self,
        aws: Connection,
        catalog: Catalog,
        elsewhere: Callable[[str], AwsCloud],
        secrets: Sequence[str] = (),
        lookup_rules: Sequence[LookupRule] = (),
        applies_as: Callable[[], str] = str,
    ) -> None:
        """``secrets`` and ``lookup_rules`` are what the specs of the environment may name. ``applies_as`` returns
        the ARN of whom applies act as; empty where nobody knows."""
        self.aws = aws
        self._facts = Facts(aws, applies_as)
        self._elsewhere = elsewhere
        self._others: dict[str, AwsCloud] = {}
        self.listed_secrets = tuple(secrets)
        self._lookup_rules = tuple(lookup_rules)
        self._schemas = catalog.lookup
        self._routes: Mapping[Route, Callable[[str], Handler | None]] = {
            Route.NATIVE: catalog.native_handler,
            Route.CLOUD_CONTROL: catalog.cloud_control_handler,
        }

    @property
    def region(self) -> str:
        """The region of the connection."""
        return self.aws.region

    def account(self) -> str:
        """The caller's account; known from when the connection was opened."""
        return self.aws.account

    def at(self, region: str) -> AwsCloud:
        """See ``ports.Cloud.at``."""
        if region == self.region:
            return self
        if region not in self._others:
            self._others[region] = self._elsewhere(region)
        return self._others[region]

    def read(self, requests: Sequence[ReadRequest]) -> Mapping[Address, Observation]:
        """An observation of each object: one read for each type, all types at once."""
        kinds = [
            (self._handler(type_, route), list(some))
            for (type_, route), some in groupby(sorted(requests, key=_kind), key=_kind)
        ]
        # Clients are built one after the other: who has most to ask waits for no other one.
        kinds.sort(key=lambda kind: len(kind[1]), reverse=True)
        if not kinds:
            return {}
        # Use a pool of its own: work here waits for the connection's pool, and never the reverse.
        with ThreadPoolExecutor(max_workers=len(kinds), thread_name_prefix="aws-read") as pool:
            parts = pool.map(here(self._read), *zip(*kinds, strict=True))
            observed = {address: one for part in parts for address, one in part.items()}
        for request in requests:
            self._check_identity(request, observed[request.address])
        return observed

    def _check_identity(self, request: ReadRequest, seen: Observation) -> None:
        """Compare what was read with what was asked for, by the type's primary identifier.

        Raises:
            CloudError: AWS returned another object.
        """
        schema = self._schemas(request.type)
        if schema is None or not isinstance(seen, Present):
            return
        if request.route is Route.CLOUD_CONTROL:
            return  # the answer names its object itself, and the handler has compared it
        names = [path.removeprefix("/") for path in schema.primary_identifier]
        told = [str(seen.properties.get(name, "")) for name in names]
        if "|".join(told) != request.remote_id:
            raise CloudError(
                f"{request.type} {request.remote_id} was asked for, and the answer is about "
                f"{'|'.join(told) or 'nothing that has a name'}: nothing is done with it.",
                code="WrongObject",
            )

    def _read(
        self, handler: Handler, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        """An observation of each object. After a refusal, read one by one: a role may lack the right
        for one object only, and the error must name it."""
        try:
            return handler.read(self.aws, requests)
        except CloudError as error:
            if len(requests) > 1:
                alone = [self._read(handler, [request]) for request in requests]
                return {address: one for part in alone for address, one in part.items()}
            [request] = requests
            raise CloudError(
                f"{request.type} {request.remote_id} cannot be read: {error}",
                code=error.code,
                call=error.call,
            ) from error

    def create(self, operation: Operation) -> RemoteId:
        """See ``ports.Cloud.create``."""
        return self._patiently(Stage.MAKE, self._of(operation).create, operation)

    def settle(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.settle``."""
        self._patiently(Stage.MAKE, self._of(operation).settle, operation, remote_id)

    def update(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.update``."""
        self._patiently(Stage.CHANGE, self._of(operation).update, operation, remote_id)

    def resume(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.resume``. Updates are idempotent, so most types simply update again."""
        handler = self._of(operation)
        again = handler.resume if isinstance(handler, Resuming) else handler.update
        self._patiently(Stage.CHANGE, again, operation, remote_id)

    def delete(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.delete``. What was done before a deletion that is refused for good is taken back."""
        handler = self._of(operation)
        look = partial(seen_before, handler)
        before = self._patiently(Stage.DELETE, look, operation, remote_id)
        known = operation if before is None else replace(operation, described=before)
        try:
            self._patiently(Stage.DELETE, handler.delete, known, remote_id)
        except CloudError as error:
            if before is not None:
                with suppress(CloudError, TransientError):  # the next plan shows what is missing
                    take_back(handler, self.aws, operation, remote_id, before)
            schema = self._schemas(operation.type)
            more = protections.explained(error, schema, operation.address)
            if more is not None:
                raise more from error
            raise

    def find(self, operation: Operation) -> Found | None:
        """See ``ports.Cloud.find``."""
        return self._of(operation).find(self.aws, operation)

    def look(self, lookups: Sequence[Lookup]) -> Mapping[Address, tuple[Found, ...]]:
        """See ``ports.Cloud.look``: one search by tags for each type, one call for each name."""
        found: dict[Address, tuple[Found, ...]] = {}
        for (type_, route), some in groupby(sorted(lookups, key=_kind), key=_kind):
            found |= look(self._handler(type_, route), self.aws, list(some))
        return found

    @property
    def lookup_rules(self) -> tuple[LookupRule, ...]:
        """See ``ports.Cloud.lookup_rules``."""
        return self._lookup_rules

    def look_up(self, question: Question) -> Answer:
        """See ``ports.Cloud.look_up``."""
        return answer(self.aws, self.read, self._lookup_rules, question)

    def strays(self) -> Sequence[Stray]:
        """See ``ports.Cloud.strays``."""
        return tuple(strays(self.aws))

    def owned(self) -> Sequence[tuple[str, RemoteId]]:
        """See ``ports.Cloud.owned``."""
        indexed = ((one.type, one.found.remote_id) for one in strays(self.aws))
        apart = (*tagged_apart(self.aws, STACK_TAG, None), *profiles(self.aws))
        return tuple(dict.fromkeys((*indexed, *((type_, RemoteId(own)) for type_, own in apart))))

    def objections(self, deeds: Sequence[Deed]) -> Sequence[Objection]:
        """See ``ports.Cloud.objections``. This object remembers what AWS told."""
        return [*foretell(self._facts, deeds), *self._protected(deeds)]

    def _protected(self, deeds: Sequence[Deed]) -> Iterable[Objection]:
        asked = protections.questions(deeds, self._schemas)
        try:
            seen = self._facts.once(asked, lambda _: self.read(asked))
            return tuple(protections.objections(asked, seen, self._schemas))
        except (CloudError, TransientError):
            return ()  # the plan does without

    def adopt(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.adopt``."""
        self._patiently(Stage.CHANGE, self._of(operation).adopt, operation, remote_id)

    def power(self, operation: Operation, remote_id: RemoteId) -> Power | None:
        """See ``ports.Cloud.power``."""
        handler = self._of(operation)
        if not isinstance(handler, Powered):
            return None
        return handler.power(self.aws, operation, remote_id)

    def start(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.start``."""
        self._patiently(Stage.CHANGE, self._switch(operation).start, operation, remote_id)

    def stop(self, operation: Operation, remote_id: RemoteId) -> None:
        """See ``ports.Cloud.stop``."""
        self._patiently(Stage.CHANGE, self._switch(operation).stop, operation, remote_id)

    def secret_versions(self, references: Collection[str]) -> Asked:
        """See ``ports.Cloud.secret_versions``."""
        allowed, refused = self._allowed(references)
        return {**ask_versions(self.aws, allowed), **refused}

    def open_secrets(self, references: Collection[str], own: Mapping[Address, RemoteId]) -> Opened:
        """See ``ports.Cloud.open_secrets``."""
        allowed, refused = self._allowed(references)
        named = [replace(one, name=own[one.address]) if one.address else one for one in allowed]
        return {**open_secrets(self.aws, named), **refused}

    def _allowed(
        self, references: Collection[str]
    ) -> tuple[list[SecretReference], dict[str, SecretProblem]]:
        """The references that the environment lists, and what is wrong with the others."""
        asked = [parse_reference(one) for one in sorted(references)]
        refused = {
            one.text: SecretProblem(
                detail=f"The environment does not list {one.text}.",
                fix="Add it to `spec.secrets` of the environment.yaml, and merge that first.",
            )
            for one in asked
            if not is_listed(one, self.listed_secrets)
        }
        return [one for one in asked if one.text not in refused], refused

    def measure(
        self, metric: BusyMetric, remote_ids: Sequence[RemoteId]
    ) -> Mapping[RemoteId, float | None]:
        """See ``ports.Cloud.measure``."""
        return measure(self.aws, metric, remote_ids)

    def run_before_stop(self, operation: Operation, remote_id: RemoteId, command: PreStop) -> None:
        """See ``ports.Cloud.run_before_stop``."""
        run_command(self.aws, operation, remote_id, command)

    def _patiently(
        self, stage: Stage, method: Callable[..., T], operation: Operation, *more: RemoteId
    ) -> T:
        """The handler's method, repeated while AWS refuses with what passes by itself.

        Every method may be repeated: a refused create has made nothing, and the others are
        idempotent. What was looked at before the first attempt is looked at again in later ones.
        """
        later = repeat(replace(operation, asked=True, described=None))
        attempts = chain([operation], later)
        service = operation.type.split("::")[1].lower()
        try:
            with heard_by(operation):
                return patiently(
                    lambda: method(self.aws, next(attempts), *more),
                    service=service,
                    stage=stage,
                    operation=operation,
                    clock=self.aws.clock,
                    lags=partial(may_lag, self.aws, operation),
                )
        finally:
            if service == "iam":
                self.aws.iam_changes.note(self.aws.account, self.aws.clock.now())

    def _switch(self, operation: Operation) -> Powered:
        handler = self._of(operation)
        if isinstance(handler, Powered):
            return handler
        raise CloudError(
            f"objects of {operation.type} cannot be stopped or started.", code="UnsupportedType"
        )

    def _of(self, operation: Operation) -> Handler:
        return self._handler(operation.type, operation.route)

    def _handler(self, type_: str, route: Route) -> Handler:
        """The handler of the type for the route that made the object; an object keeps its route."""
        serves = self._routes.get(route)
        handler = serves(type_) if serves is not None else None
        if handler is None:
            raise CloudError(
                f"{type_} cannot be managed by this version of gitbot: it has no handler for the "
                f"route {route.value}.",
                code="UnsupportedType",
            )
        return handler


def _kind(request: ReadRequest | Lookup) -> tuple[str, Route]:
    return request.type, request.route
