"""Whose an object is, for every native type, against a local AWS over HTTP.

The kind: an object of another stack that a stack changes, deletes or takes over, because ownership
is asked only where objects are created.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.errors import SpecError
from gitbot.language.bind import bind
from gitbot.model.desired import DesiredResource, DesiredStack, Lifecycle
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.plan import Action, Guard, Plan
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.values import Redacted
from gitbot.ports.state import StateStore
from gitbot.reconciler.guards import guards
from gitbot.reconciler.lookups import Proposal, claims_on, lookups_of, propose
from gitbot.reconciler.ownership import claims_of
from gitbot.reconciler.plan import make_plan
from gitbot.reconciler.reading import read_requests
from gitbot.walk.ownership import owners_of
from tests.contract.aws.cases import CASES, some_types
from tests.contract.aws.cases.case import SILENT, Case
from tests.contract.aws.world import ADDRESS, REDACTOR, REGION, AwsWorld, ownership
from tests.contract.empty_database import open_empty

pytestmark = pytest.mark.model
STACK = StackId(repository="1", environment="dev", name="test", region=REGION)
OTHER = StackId(repository="1", environment="prod", name="test", region=REGION)
UNNAMED = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::CertificateManager::Certificate",
        "AWS::EC2::DHCPOptions",
        "AWS::EC2::EIP",
        "AWS::EC2::EgressOnlyInternetGateway",
        "AWS::EC2::FlowLog",
        "AWS::EC2::Instance",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::NetworkInterface",
        "AWS::EC2::PlacementGroup",
        "AWS::EC2::RouteTable",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::Volume",
        "AWS::ECS::TaskDefinition",
        "AWS::EFS::AccessPoint",
        "AWS::EFS::FileSystem",
        "AWS::FSx::FileSystem",
        "AWS::KMS::Key",
        "AWS::Lambda::LayerVersion",
        "AWS::Route53::HostedZone",
    }
)
"""The types of which two objects may have all in common that a spec gives them."""
SPAN = SourceSpan(file="specs/dev/test.yaml", line=1)


def anothers() -> dict[str, str]:
    """The tags of an object of the stack ``prod/test``, whose state is elsewhere."""
    return {**ownership(), "gitbot:stack": "prod/test", "gitbot:lineage": "lineage-2"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    engine = open_empty(tmp_path / "state.db")
    yield SqlStateStore(engine, SystemClock(), LocalProcesses())
    engine.dispose()


def wanted(case: Case, spec: Mapping[str, Any], remote_id: RemoteId | None) -> DesiredStack:
    """A stack of one object, which it imports if an identifier is given."""
    resource = DesiredResource(
        address=ADDRESS,
        type=case.type,
        properties=spec,
        lifecycle=Lifecycle(import_id=remote_id),
        source=SPAN,
    )
    return DesiredStack(
        environment="dev",
        name="test",
        region=REGION,
        resources={ADDRESS: resource},
        hash="h",
        source=SPAN,
    )


def nothing() -> RecordedStack:
    return RecordedStack(id=STACK, lineage="lineage-1", serial=1)


def recorded(world: AwsWorld, case: Case, spec: Any, remote_id: RemoteId) -> RecordedStack:
    """State that says that the object is ours."""
    resource = RecordedResource(
        address=ADDRESS,
        type=case.type,
        remote_id=remote_id,
        properties=spec,
        account=world.cloud.account(),
        region=REGION,
    )
    return RecordedStack(id=STACK, lineage="lineage-1", serial=1, resources={ADDRESS: resource})


def plan(
    world: AwsWorld, store: StateStore, desired: DesiredStack | None, state: RecordedStack
) -> Plan:
    requests = read_requests(desired, state, world.clouds.schemas)
    observed = world.cloud.read(requests)
    claims = claims_of(state, requests, observed)
    owners = owners_of(world.cloud, store, world.clouds.schemas, list(claims.values()))
    return make_plan(
        stack=STACK,
        desired=desired,
        recorded=state,
        observed=observed,
        owners=dict(zip(claims, owners, strict=True)),
        schemas=world.clouds.schemas,
        account=world.cloud.account(),
        commit=None,
        redactor=REDACTOR,
        bind=lambda asked: [bind(*each) for each in asked],
        pack_version="1",
    )


def look_first(world: AwsWorld, store: StateStore, desired: DesiredStack) -> Proposal:
    """What becomes of the create that a plan of the stack has."""
    schemas = world.clouds.schemas
    lookups = lookups_of(plan(world, store, desired, nothing()), nothing(), schemas)
    asked = claims_on(nothing(), lookups, world.cloud.look(lookups))
    owners = owners_of(world.cloud, store, schemas, [claimed for _, _, claimed in asked])
    return propose(desired, asked, owners, {})


def give_parent_to(world: AwsWorld, case: Case, spec: Any, tags: Mapping[str, str]) -> None:
    """Tag the object that an object of this type is part of, if there is one."""
    parent = world.schema(case.type).parent
    if parent is not None:
        operation = world.operation(parent.type, {}, ownership=tags)
        named = spec[parent.reference]
        owner = named[0] if isinstance(named, list) else named
        world.cloud.adopt(operation, RemoteId(owner))


def test_every_type_but_two_says_whose_its_objects_are(world: AwsWorld) -> None:
    """By tags of its own or by its parent. Of one without either only state tells, and the guard of
    those that nobody owns holds it: AWS has nothing else for it."""
    for case in CASES:
        silent = not case.tagged and world.schema(case.type).parent is None
        assert silent == (not tells_its_owner(case)), case.type


def tells_its_owner(case: Case) -> bool:
    """Whether objects of the type say by themselves or by what they are part of whose they are."""
    return case.type not in SILENT


@some_types(1, tells_its_owner)
def test_an_object_of_another_stack_is_refused_by_the_plan(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    """The same for an import and for old state; what leaves the spec is only forgotten."""
    spec = case.full(world)
    give_parent_to(world, case, spec, anothers())
    remote_id = world.create(case.type, spec, ownership=anothers())
    changed = {**spec, **case.changes(world)}
    old = recorded(world, case, spec, remote_id)
    for desired, state in (
        (wanted(case, changed, remote_id), nothing()),
        (wanted(case, changed, None), old),
        (wanted(case, spec, None), old),
    ):
        with pytest.raises(SpecError) as refused:
            plan(world, store, desired, state)
        assert [each.code for each in refused.value.diagnostics] == ["belongs-to-another"]
        assert "prod/test" in refused.value.diagnostics[0].detail
    (change,) = plan(world, store, None, old).changes
    assert (change.action, "prod/test" in change.reasons[0]) == (Action.FORGET, True)


@pytest.mark.parametrize("type_", ["AWS::S3::BucketPolicy", *sorted(SILENT)])
def test_an_object_that_another_stack_of_the_store_records_is_refused_without_any_tag(
    world: AwsWorld, store: StateStore, type_: str
) -> None:
    (case,) = [case for case in CASES if case.type == type_]
    spec = case.full(world)
    remote_id = world.create(case.type, spec, ownership={})
    theirs = recorded(world, case, spec, remote_id).resources[ADDRESS]
    with_lease = store.acquire(OTHER.environment_key, "test", timedelta(minutes=5))
    store.put(with_lease, OTHER, "lineage-2", theirs)
    with pytest.raises(SpecError) as refused:
        plan(world, store, wanted(case, spec, remote_id), nothing())
    assert [each.code for each in refused.value.diagnostics] == ["belongs-to-another"]


@some_types(2)
def test_an_object_that_nobody_owns_is_adopted_with_consent_and_shows_nothing(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    """The kind: ``lifecycle.import`` reads the cloud into a comment."""
    spec = case.full(world)
    remote_id = world.create(case.type, {**spec, **case.changes(world)}, ownership={})
    made = plan(world, store, wanted(case, spec, remote_id), nothing())
    (change,) = made.changes
    assert (change.action, change.takes_over) == (Action.ADOPT, True)
    assert change.paths or not case.changes(world)
    assert {type(path.before) for path in change.paths} <= {type(None), Redacted}
    found = guards(made, environment_resources=1, environment_has_errors=False)
    assert [(hit.guard, hit.addresses) for hit in found] == [(Guard.TAKE_OVER, (Address(ADDRESS),))]


@some_types(3, lambda case: not case.tagged and tells_its_owner(case))
def test_an_object_of_our_own_is_adopted_without_asking(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    spec = case.full(world)
    give_parent_to(world, case, spec, ownership())
    remote_id = world.create(case.type, spec)
    (change,) = plan(world, store, wanted(case, spec, remote_id), nothing()).changes
    assert (change.action, change.takes_over, change.paths) == (Action.ADOPT, False, ())


def has_a_name(case: Case) -> bool:
    """Whether two objects cannot have the same name, where the spec gives it."""
    return case.type not in UNNAMED


def changed_beside_its_name(world: AwsWorld, case: Case, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Another spec for an object of the same name."""
    key = world.schema(case.type).natural_key or ()
    return {**spec, **{name: it for name, it in case.changes(world).items() if name not in key}}


def test_types_whose_objects_have_no_name_of_their_own_are_listed(world: AwsWorld) -> None:
    nameless = {case.type for case in CASES if not world.schema(case.type).natural_key}
    assert nameless == UNNAMED


@some_types(4, has_a_name)
def test_a_taken_name_is_told_by_every_plan_and_never_taken_over(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    """Whatever the spec wants of the object, also that it is part of an object of ours."""
    spec = case.full(world)
    remote_id = world.create(case.type, spec, ownership={})
    changed = changed_beside_its_name(world, case, spec)
    parent = world.schema(case.type).parent
    if parent is not None and spec[parent.reference] != changed[parent.reference]:
        give_parent_to(world, case, changed, ownership())
    for properties in (spec, changed):
        made = look_first(world, store, wanted(case, properties, None))
        assert [each.code for each in made.problems] == ["already-exists"]
        assert f"`{remote_id}` exists" in made.problems[0].detail
        assert not made.adopts


@some_types(6, has_a_name)
def test_a_name_is_looked_for_with_nothing_but_what_it_is_made_of(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    """The kind: a taken name that no plan tells, because a role or network beside it is new."""
    spec, schema = case.full(world), world.schema(case.type)
    remote_id = world.create(case.type, spec, ownership={})
    assert schema.name_within is not None
    made_of = {name.split("/")[0] for name in (*(schema.natural_key or ()), *schema.name_within)}
    desired = wanted(case, spec, None)
    (lookup,) = lookups_of(plan(world, store, desired, nothing()), nothing(), world.clouds.schemas)
    known = {name: value for name, value in lookup.properties.items() if name in made_of}
    (found,) = world.cloud.look([replace(lookup, properties=known)])[ADDRESS]
    assert (lookup.named, found.remote_id) == (True, remote_id)


@some_types(5, lambda case: not case.tagged and tells_its_owner(case))
def test_what_is_in_an_object_of_our_own_is_found_again_after_its_state_is_lost(
    world: AwsWorld, store: StateStore, case: Case
) -> None:
    spec = case.full(world)
    give_parent_to(world, case, spec, ownership())
    remote_id = world.create(case.type, spec)
    changed = changed_beside_its_name(world, case, spec)
    made = look_first(world, store, wanted(case, changed, None))
    assert (made.adopts, made.problems) == ({ADDRESS: remote_id}, ())
