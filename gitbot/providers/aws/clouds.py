"""Open connections to AWS accounts with the right role, and check the account. Shell."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import boto3
import botocore.session
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import BotoCoreError

from gitbot.errors import CloudError, UserError
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.schema import SchemaLookup
from gitbot.ports.time import Clock
from gitbot.providers.aws.api_models import API_MODELS
from gitbot.providers.aws.catalog import Catalog
from gitbot.providers.aws.cloud import AwsCloud
from gitbot.providers.aws.connection import BUILDING, CONFIG, Connection
from gitbot.providers.aws.faults import NO_CREDENTIALS, RAISED, Hide, translate
from gitbot.providers.aws.iam_changes import IamChanges
from gitbot.providers.aws.telling import tell_calls
from gitbot.providers.aws.throttle import Paces, Throttles
from gitbot.providers.aws.trail import AwsTrail, global_region

_Who: TypeAlias = tuple[str, Purpose] | None
"""The assumed role and its purpose; None: the identity that gitbot runs with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Identity:
    session: boto3.Session
    account: str
    arn: str


class AwsClouds:
    """Opens connections; fits ``ports.Clouds``. Credentials come from boto3's usual chain.

    Sessions, clients and the account of each identity are kept for the life of the process. The
    credentials of assumed roles renew themselves. ``hide`` removes sensitive values from AWS's error
    texts. ``endpoint_url`` overrides the endpoint of every service; boto3 also reads
    AWS_ENDPOINT_URL by itself.
    """

    def __init__(
        self,
        catalog: Catalog,
        clock: Clock,
        *,
        hide: Hide,
        endpoint_url: str | None = None,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._hide = hide
        self._endpoint_url = endpoint_url
        self._keys = (access_key_id, secret_access_key)
        self._throttles = Throttles()
        self._iam_changes = IamChanges()
        self._paces = Paces()
        self._base: boto3.Session | None = None
        self._identities: dict[_Who, _Identity] = {}
        self._connections: dict[tuple[_Who, str], Connection] = {}
        self._region: str | None = None
        self._lock = threading.RLock()

    @property
    def schemas(self) -> SchemaLookup:
        """Every resource type that gitbot knows."""
        return self._catalog.lookup

    @property
    def pack_version(self) -> str:
        """The version of the schema pack."""
        return self._catalog.version

    def open(self, environment: Environment, purpose: Purpose) -> AwsCloud:
        """See ``ports.Clouds.open``; asks AWS at most once per role."""
        roles = environment.roles
        role = roles.plan if purpose.role is Purpose.PLAN else roles.apply
        with self._lock:
            self._region = environment.region
            # The server has one identity of its own, whatever the purpose.
            who = None if role is None else (role, purpose.role)
            identity = self._identity(who, environment.region)
            if environment.account is not None and environment.account != identity.account:
                raise UserError(
                    f"environment {environment.name} belongs to account {environment.account}, but "
                    f"{role or 'the credentials that gitbot runs with'} belong to account "
                    f"{identity.account}: nothing was done. Correct `account` or "
                    f"`roles.{purpose.role.value}` in specs/{environment.name}/environment.yaml, or run "
                    "gitbot with other credentials."
                )
            key = (who, environment.region)
            if key not in self._connections:
                self._connections[key] = Connection(
                    identity.session,
                    region=environment.region,
                    account=identity.account,
                    throttles=self._throttles,
                    clock=self._clock,
                    hide=self._hide,
                    endpoint_url=self._endpoint_url,
                    iam_changes=self._iam_changes,
                )
            aws = self._connections[key]
            return AwsCloud(
                aws.sparing if purpose is Purpose.SCAN else aws,
                self._catalog,
                lambda region: self.open(replace(environment, region=region), purpose),
                environment.secrets,
                environment.lookups,
                lambda: roles.apply or self._own_arn(environment.region),
            )

    def identify(self) -> bool | None:
        """Ask AWS who gitbot itself is; True when it says so. None where no region is known to ask in.

        Raises:
            UserError, CloudError, TransientError: AWS does not say it.
        """
        region = self._region or self._base_session().region_name
        if not region:
            return None
        self._sts(region, "get_caller_identity")
        return True

    def trail(self, environment: Environment) -> AwsTrail:
        """See ``ports.Clouds.trail``."""
        regions = {environment.region, global_region(environment.region)}
        with self._lock:
            reading = {
                region: self.open(replace(environment, region=region), Purpose.PLAN).aws
                for region in regions
            }
            role = environment.roles.apply
            # Also the command line and an earlier process have changed things as this identity.
            arn = role or self._identity(None, environment.region).arn
        return AwsTrail(reading, environment.region, ours=arn, paces=self._paces)

    def _own_arn(self, region: str) -> str:
        with self._lock:
            return self._identity(None, region).arn

    def _identity(self, who: _Who, region: str) -> _Identity:
        if who not in self._identities:
            found = self._own(region) if who is None else self._assumed(*who, region)
            self._identities[who] = found
        return self._identities[who]

    def _own(self, region: str) -> _Identity:
        session = self._base_session()
        answer = self._sts(region, "get_caller_identity")
        return _Identity(session=session, account=str(answer["Account"]), arn=str(answer["Arn"]))

    def _assumed(self, role: str, purpose: Purpose, region: str) -> _Identity:
        name = re.sub(r"[^\w+=,.@-]", "-", f"gitbot-{purpose.value}")[:64]
        first = self._assume(region, role, name)
        pending = [first]  # use the first answer; do not ask for it again

        def refresh() -> dict[str, str]:
            return _metadata(pending.pop() if pending else self._assume(region, role, name))

        core = botocore.session.get_session()
        core.register_component("data_loader", API_MODELS)
        # botocore has no public way to set credentials that renew themselves.
        core._credentials = RefreshableCredentials.create_from_metadata(  # type: ignore[attr-defined]
            metadata=refresh(), refresh_using=refresh, method="sts-assume-role"
        )
        account = str(first["AssumedRoleUser"]["Arn"]).split(":")[4]
        return _Identity(session=boto3.Session(botocore_session=core), account=account, arn=role)

    def _assume(self, region: str, role: str, name: str) -> Any:
        try:
            return self._sts(region, "assume_role", RoleArn=role, RoleSessionName=name)
        except CloudError as error:
            raise UserError(
                f"role {role} cannot be assumed: {error} Check the ARN in environment.yaml, and that "
                "the role's trust policy names the identity that gitbot runs with."
            ) from error

    def _sts(self, region: str, operation: str, **parameters: Any) -> Any:
        session = self._base_session()
        try:
            if session.get_credentials() is None:
                raise UserError(NO_CREDENTIALS)
            with BUILDING:
                client = session.client(
                    "sts",
                    region_name=region,
                    endpoint_url=self._endpoint_url,
                    config=CONFIG,
                )
            tell_calls(client)
            return getattr(client, operation)(**parameters)
        except RAISED as error:
            raise translate(error, "sts", operation, self._hide) from error

    def _base_session(self) -> boto3.Session:
        with self._lock:
            if self._base is None:
                core = botocore.session.get_session()
                core.register_component("data_loader", API_MODELS)
                access_key_id, secret_access_key = self._keys
                try:
                    self._base = boto3.Session(
                        botocore_session=core,
                        aws_access_key_id=access_key_id,
                        aws_secret_access_key=secret_access_key,
                    )
                except BotoCoreError as error:
                    raise translate(error, "sts", "credentials", self._hide) from error
            return self._base


def _metadata(answer: Any) -> dict[str, str]:
    credentials = answer["Credentials"]
    return {
        "access_key": credentials["AccessKeyId"],
        "secret_key": credentials["SecretAccessKey"],
        "token": credentials["SessionToken"],
        "expiry_time": credentials["Expiration"].isoformat(),
    }
