"""Tests for secrets on the local AWS: opened for one call, and kept nowhere."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from gitbot.adapters.secrets import KnownSecrets
from gitbot.errors import CloudError, InvariantError, SpecError, UserError
from gitbot.jobs.steps.secrets import with_secret_versions
from gitbot.language.load import load_tree
from gitbot.model.cloud import Operation, Purpose
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.names import Address
from gitbot.model.observed import ReadRequest
from gitbot.model.plan import Action, Cause, Plan, WalkResult
from gitbot.model.recorded import RecordedStack
from gitbot.model.secrets import Secrets
from gitbot.model.values import Redacted, leaves
from gitbot.ports.cloud import Cloud
from gitbot.ports.state import StateStore
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.refreshing import refresh
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from tests.contract.walk_world import REDACTOR, REGION, SPAN, WalkWorld
from tests.unit.language.specs_by_hand import tree
from tests.unit.language.test_aws_specs import CATALOG

PASSWORD, NEXT = "Kanarie-one", "Kanarie-two"
LISTED = ("ssm:/dev/*", "secretsmanager:dev/*", "secretsmanager:(*)")
ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1, secrets: ["ssm:/dev/*", "secretsmanager:dev/*", "secretsmanager:(*)"]}
"""
OWN = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    made:
      type: AWS::SecretsManager::Secret
      properties:
        GenerateSecretString:
          {SecretStringTemplate: '{"user": "ml"}', GenerateStringKey: password, ExcludePunctuation: true, PasswordLength: 20}
    bucket:
      type: AWS::S3::Bucket
      properties:
        Tags:
          - {Key: url, Value: 'pg://${secret("secretsmanager:" + made.Id + "#user")}:${secret("secretsmanager:" + made.Id + "#password")}@h'}
    user:
      type: AWS::S3::Bucket
      properties:
        Tags: [{Key: again, Value: "${bucket.Tags[0].Value}"}]
  outputs:
    url: {value: "${bucket.Tags[0].Value}", sensitive: true}
"""
SPEC = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  variables:
    password: {type: string, sensitive: true}
  values: {password: '${secret("ssm:/" + env.name + "/db")}'}
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: A group}
    bucket:
      type: AWS::S3::Bucket
      properties:
        Tags:
          - {Key: url, Value: "postgres://ml:${vars.password}@${group.GroupId}"}
          - {Key: key, Value: '${secret("secretsmanager:dev/api#key")}'}
    user:
      type: AWS::S3::Bucket
      properties:
        Tags: [{Key: again, Value: "${bucket.Tags[1].Value}"}]
  outputs:
    url: {value: "x-${vars.password}", sensitive: true}
"""


@pytest.fixture
def world(local_aws: LocalAws, tmp_path: Path) -> Iterator[WalkWorld]:
    local_aws.reset()
    world = WalkWorld(local_aws, open_catalog(), tmp_path)
    rules = Environment(name="dev", region=REGION, secrets=LISTED, source=SPAN)
    world.cloud = world.clouds.open(rules, Purpose.APPLY)
    put(local_aws, PASSWORD)
    secrets = local_aws.client("secretsmanager")
    secrets.create_secret(Name="dev/api", SecretString='{"key": "Kanarie-key"}')
    local_aws.forget_calls()
    yield world
    world.engine.dispose()


def put(aws: LocalAws, value: str) -> None:
    aws.client("ssm").put_parameter(
        Name="/dev/db", Value=value, Type="SecureString", Overwrite=True
    )


def desired(world: WalkWorld, spec: str = SPEC) -> DesiredStack:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/one.yaml": spec}
    loaded = load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)
    assert not loaded.errors(), loaded.errors()
    return with_secret_versions(world.cloud, loaded.stacks[0], REDACTOR, ask=True)


def planned(world: WalkWorld, spec: str = SPEC) -> Plan:
    return world.plan(desired(world, spec))


def applied(world: WalkWorld, spec: str = SPEC) -> WalkResult:
    return world.apply(desired(world, spec))


def tags(aws: LocalAws, bucket: str) -> dict[str, str]:
    told = aws.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    return {one["Key"]: one["Value"] for one in told}


def opened(aws: LocalAws) -> list[str]:
    """The calls that gave a value."""
    names = ("GetParameter", "GetSecretValue")
    return [one.operation for one in aws.calls if one.operation in names]


def written(world: WalkWorld, folder: Path) -> bytes:
    """What the database, its journal and the progress hold."""
    files = b"".join(file.read_bytes() for file in folder.glob("gitbot.db*"))
    return files + repr(world.told).encode() + repr(world.recorded()).encode()


def test_a_secret_is_opened_for_its_call_and_its_rotation_is_an_update(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    plan = planned(world)
    assert [one.action for one in plan.changes] == [Action.CREATE] * 3
    assert not opened(local_aws), "a plan asks for the version at most"
    digest = plan.digest
    assert applied(world).ok
    state = world.recorded()
    found = tags(local_aws, state.resources[Address("bucket")].remote_id)
    group = state.resources[Address("group")].remote_id
    assert found["url"] == f"postgres://ml:{PASSWORD}@{group}"
    assert found["key"] == "Kanarie-key"
    assert tags(local_aws, state.resources[Address("user")].remote_id)["again"] == found["url"]
    kept = [
        leaf
        for one in state.resources.values()
        for leaf in leaves(one.properties)
        if isinstance(leaf, Redacted)
    ]
    assert {"ssm:/dev/db": "1"} in [leaf.origin.secrets for leaf in kept if leaf.origin]
    assert planned(world).empty

    put(local_aws, NEXT)
    local_aws.forget_calls()
    rotated = planned(world)
    changes = {change.address: change for change in rotated.effective}
    assert set(changes) == {"bucket", "user"}
    assert [path.note for path in changes[Address("bucket")].paths] == [
        "rotated: ssm:/dev/db (version 1 → 2)"
    ]
    assert not opened(local_aws)
    assert rotated.digest != digest
    again = put(local_aws, PASSWORD)
    assert planned(world).digest == rotated.digest, f"a version is no part of a digest {again}"
    put(local_aws, NEXT)
    assert applied(world).ok
    assert NEXT in tags(local_aws, state.resources[Address("bucket")].remote_id)["url"]
    assert planned(world).empty
    assert not applied(world).done
    assert b"Kanarie" not in written(world, tmp_path)


def made_password(world: WalkWorld, aws: LocalAws) -> str:
    arn = world.recorded().resources[Address("made")].remote_id
    told = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return str(json.loads(told)["password"])


def test_a_secret_that_the_stack_makes_is_opened_once_it_is_there(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    plan = planned(world, OWN)
    assert [one.action for one in plan.changes] == [Action.CREATE] * 3
    assert applied(world, OWN).ok
    first = made_password(world, local_aws)
    buckets = [world.recorded().resources[Address(one)].remote_id for one in ("bucket", "user")]
    assert tags(local_aws, buckets[0])["url"] == f"pg://ml:{first}@h"
    assert tags(local_aws, buckets[1])["again"] == f"pg://ml:{first}@h"
    assert first.encode() not in written(world, tmp_path)
    local_aws.forget_calls()
    assert planned(world, OWN).empty
    assert not opened(local_aws)

    arn = world.recorded().resources[Address("made")].remote_id
    local_aws.client("secretsmanager").put_secret_value(
        SecretId=arn, SecretString='{"user": "ml", "password": "Kanarie-other"}'
    )
    assert planned(world, OWN).empty, "its versions are not followed"

    longer = OWN.replace("PasswordLength: 20", "PasswordLength: 24")
    again = {one.address: one.action for one in planned(world, longer).effective}
    assert again == {"made": Action.REPLACE, "bucket": Action.UPDATE, "user": Action.UPDATE}
    assert applied(world, longer).ok
    second = made_password(world, local_aws)
    assert len(second) == 24
    assert tags(local_aws, buckets[0])["url"] == f"pg://ml:{second}@h"
    assert planned(world, longer).empty
    assert second.encode() not in written(world, tmp_path)
    assert b"Kanarie" not in written(world, tmp_path)


FIXED = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    made:
      type: AWS::SecretsManager::Secret
      properties:
        GenerateSecretString: {SecretStringTemplate: '{"user": "ml"}', GenerateStringKey: password, PasswordLength: 20}
    group:
      type: AWS::EC2::SecurityGroup
      properties:
        NAME
        GroupDescription: '${secret("secretsmanager:" + made.Id + "#user")}'
"""


JSON = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    group:
      type: AWS::EC2::SecurityGroup
      properties: {GroupDescription: A group}
    board:
      type: AWS::CloudWatch::Dashboard
      properties:
        DashboardName: board
        DashboardBody: BODY
"""
TEXT = """'{"widgets": [{"type": "text", "properties": {"markdown": "NAMED${secret("ssm:/dev/db")}"}}]}'"""
MAP = """'${json({"widgets": [{"type": "text", "properties": {"markdown": secret("ssm:/dev/db")}}]})}'"""
QUOTED = 'Kanarie-"one\\'


def test_a_secret_that_breaks_the_json_of_a_text_is_told_before_anything_is_made(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    put(local_aws, QUOTED)
    with pytest.raises(UserError) as refused:
        applied(world, JSON.replace("BODY", TEXT.replace("NAMED", "")))
    told = str(refused.value)
    assert "DashboardBody of board is JSON that is written as text" in told
    assert "ssm:/dev/db" in told
    assert "Kanarie" not in told
    assert "${json({…})}" in told
    assert not world.recorded().resources
    assert "Kanarie" not in "".join(traceback.format_exception(refused.value))

    assert applied(world, JSON.replace("BODY", MAP)).ok, "what the message advises"
    body = local_aws.client("cloudwatch").get_dashboard(DashboardName="board")["DashboardBody"]
    assert json.loads(body)["widgets"][0]["properties"]["markdown"] == QUOTED


def test_a_secret_beside_a_reference_that_breaks_json_fails_its_own_step(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    """What the text is, is only known once the group is there; the cloud is not called for it."""
    put(local_aws, QUOTED)
    result = applied(world, JSON.replace("BODY", TEXT.replace("NAMED", "${group.GroupId}")))
    (error,) = result.failures
    assert "DashboardBody of board is JSON that is written as text" in error.message
    assert "Kanarie" not in error.message
    assert not any(call.operation == "PutDashboard" for call in local_aws.calls)


@pytest.mark.parametrize("secret", ["plain", '{"a": "b"}'])
def test_json_that_a_secret_leaves_whole_is_sent(
    world: WalkWorld, local_aws: LocalAws, secret: str
) -> None:
    """The kind: a secret that is itself JSON, in the place of a value."""
    put(local_aws, secret)
    whole = """'{"widgets": [], "kept": ${secret("ssm:/dev/db")}}'"""
    text = whole if secret.startswith("{") else TEXT.replace("NAMED", "")
    assert applied(world, JSON.replace("BODY", text)).ok


@pytest.mark.parametrize("name", ["GroupName: of-a-secret", "Tags: []"])
def test_another_secret_with_the_same_value_replaces_nothing(world: WalkWorld, name: str) -> None:
    """The kind: a database whose user name is in the secret of its password."""
    spec = FIXED.replace("NAME", name)
    assert applied(world, spec).ok
    before = world.recorded().resources[Address("group")].remote_id
    longer = spec.replace("PasswordLength: 20", "PasswordLength: 24")
    again = {one.address: one.action for one in planned(world, longer).effective}
    assert again == {"made": Action.REPLACE, "group": Action.REPLACE}
    assert applied(world, longer).ok
    assert world.recorded().resources[Address("group")].remote_id == before
    assert not world.recorded().deposed
    assert planned(world, longer).empty
    other = longer.replace('"user": "ml"', '"user": "other"')
    assert applied(world, other).ok
    group = world.recorded().resources[Address("group")]
    assert group.remote_id != before
    ec2 = world.aws.client("ec2")
    (made,) = ec2.describe_security_groups(GroupIds=[group.remote_id])["SecurityGroups"]
    assert made["Description"] == "other"
    assert planned(world, other).empty


def test_a_secret_of_the_stack_that_nobody_lists_is_not_read_and_one_that_is_gone_is_made_again(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    stack = desired(world, OWN)
    listed = world.cloud
    rules = Environment(name="dev", region=REGION, secrets=LISTED[:2], source=SPAN)
    world.cloud = world.clouds.open(rules, Purpose.APPLY)
    with pytest.raises(SpecError) as caught:
        desired(world, OWN)
    assert {one.code for one in caught.value.diagnostics} == {"secret-not-listed"}
    local_aws.forget_calls()
    result = world.apply(stack)
    assert [one.address for one in result.failures if not one.skipped] == ["bucket"]
    assert not opened(local_aws)

    world.cloud = listed
    arn = world.recorded().resources[Address("made")].remote_id
    local_aws.client("secretsmanager").put_secret_value(SecretId=arn, SecretString="no JSON")
    with pytest.raises(CloudError, match=r"no text or number under the key"):
        world.apply(stack)
    local_aws.client("secretsmanager").delete_secret(SecretId=arn)
    assert applied(world, OWN).ok
    assert world.recorded().resources[Address("made")].remote_id != arn
    bucket = world.recorded().resources[Address("bucket")].remote_id
    assert made_password(world, local_aws) in tags(local_aws, bucket)["url"]
    assert planned(world, OWN).empty


def test_what_is_wrong_with_a_secret_is_told_before_anything_is_changed(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    missing = SPEC.replace("dev/api#key", "dev/none#key").replace('"/db"', '"/none"')
    with pytest.raises(SpecError) as caught:
        planned(world, missing)
    told = {(one.code, one.detail.split(": ", 1)[1][:40]) for one in caught.value.diagnostics}
    assert all(code == "secret-unreadable" for code, _ in told)
    assert any("secretsmanager:dev/none does not exist" in text for _, text in told), told
    assert any("ssm:/dev/none does not exist" in text for _, text in told), told
    secrets = local_aws.client("secretsmanager")
    secrets.create_secret(Name="dev/binary", SecretBinary=b"Kanarie")
    for reference, says in (
        ("dev/api#nokey", "no text or number under the key"),
        ("dev/binary", "is binary"),
    ):
        spec = SPEC.replace("dev/api#key", reference)
        with pytest.raises(CloudError, match=says):
            applied(world, spec)
        assert world.recorded().empty
    local_aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="GetParameter",
            status=400,
            code="AccessDeniedException",
            message="not authorized to perform: ssm:GetParameter",
        )
    )
    with pytest.raises(CloudError, match=r"Allow `ssm:GetParameter`"):
        applied(world)
    assert world.recorded().empty
    assert not world.groups()


def test_what_the_environment_does_not_list_is_never_read(
    world: WalkWorld, local_aws: LocalAws
) -> None:
    stack = desired(world)
    rules = Environment(name="dev", region=REGION, secrets=("ssm:/dev/*",), source=SPAN)
    world.cloud = world.clouds.open(rules, Purpose.APPLY)
    with pytest.raises(SpecError) as caught:
        desired(world)
    assert {one.code for one in caught.value.diagnostics} == {"secret-not-listed"}
    assert all("spec.secrets" in one.fix for one in caught.value.diagnostics)
    local_aws.forget_calls()
    with pytest.raises(CloudError, match="does not list secretsmanager:dev/api#key"):
        world.apply(stack)
    assert "GetSecretValue" not in opened(local_aws)
    assert world.recorded().empty


def test_an_error_of_the_cloud_quotes_no_secret(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    local_aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            operation="CreateBucket",
            status=400,
            code="InvalidTag",
            message=f"The TagValue postgres://ml:{PASSWORD}@sg-1 is invalid",
        )
    )
    result = applied(world)
    assert not result.ok
    (told,) = [one.message for one in result.failures if not one.skipped]
    assert "(sensitive)" in told
    assert "Kanarie" not in repr(result)
    local_aws.clear_faults()
    assert b"Kanarie" not in written(world, tmp_path)
    assert applied(world).ok, "what was left is opened again"
    found = tags(local_aws, world.recorded().resources[Address("bucket")].remote_id)
    assert PASSWORD in found["url"]


def test_secrets_are_hidden_while_they_are_open_and_forgotten_after() -> None:
    known = KnownSecrets()
    secrets = Secrets(texts=frozenset([PASSWORD]), brief=True)
    with known.hiding(secrets), known.hiding(Secrets(texts=frozenset([NEXT]), brief=True)):
        assert known.hide(f"{PASSWORD} {NEXT}") == "(sensitive) (sensitive)"
    assert known.hide(PASSWORD) == PASSWORD


class Dying:
    """A store with which the process dies before the result of a mutation is written."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if name == "finish":
            raise SystemExit("killed")
        return getattr(self._store, name)


def test_after_a_death_secrets_are_opened_again(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    """The intent keeps no value, so recovery leaves what is made of secrets to the next plan."""
    alone = SPEC.replace('@${group.GroupId}"', '@h"')
    alone = alone[: alone.index("    group:")] + alone[alone.index("    bucket:") :]
    alone = alone[: alone.index("    user:")] + alone[alone.index("  outputs:") :]
    living = world.store
    for value in (PASSWORD, NEXT):
        put(local_aws, value)
        world.store = cast("StateStore", Dying(living))
        with pytest.raises(SystemExit):
            applied(world, alone)
        world.store = living
        (intent,) = world.recorded().intents
        hashes = [one for one in leaves(intent.resource.properties) if isinstance(one, Redacted)]
        assert any(one.origin and "ssm:/dev/db" in one.origin.secrets for one in hashes)
        assert b"Kanarie" not in written(world, tmp_path)
        assert applied(world, alone).ok
        found = tags(local_aws, world.recorded().resources[Address("bucket")].remote_id)
        assert found["url"] == f"postgres://ml:{value}@h"
        assert planned(world, alone).empty
    assert b"Kanarie" not in written(world, tmp_path)


ROLE = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  variables: {note: {type: string, sensitive: true}}
  values: {note: Kanarie-note}
  resources:
    role:
      type: AWS::IAM::Role
      properties:
        Description: "db ${secret('ssm:/dev/db')}"
        Tags: [{Key: note, Value: "${base64(vars.note)}"}]
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/NoSuch"]
        AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]}
"""
DONE = ROLE.replace("NoSuch", "ReadOnlyAccess")
NOTE = base64.b64encode(b"Kanarie-note")


def shown_again(world: WalkWorld) -> RecordedStack:
    """The state after another look, as ``gitbot apply --refresh-only`` takes one."""
    state = world.recorded()
    seen = world.cloud.read(
        ReadRequest(
            address=one.address,
            type=one.type,
            remote_id=one.remote_id,
            route=one.route,
            surfaces=frozenset({*one.properties, "Description", "Tags"}),
        )
        for one in state.resources.values()
    )
    return refresh(state, seen, {}, CATALOG.lookup, REDACTOR, str).after


def assert_nothing_is_kept(world: WalkWorld, folder: Path) -> None:
    found = written(world, folder) + repr(shown_again(world)).encode()
    assert b"Kanarie" not in found
    assert NOTE not in found


def test_of_a_create_that_is_not_finished_no_secret_is_kept(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: the object has the value, and its record does not manage the property yet."""
    (failure,) = applied(world, ROLE).failures
    assert "is not finished" in failure.message
    (role,) = world.recorded().resources.values()
    told = local_aws.client("iam").get_role(RoleName=role.remote_id)["Role"]
    assert told["Description"] == f"db {PASSWORD}"
    assert (role.tainted, "Description" in role.properties) == (False, False)
    assert_nothing_is_kept(world, tmp_path)
    assert applied(world, DONE).ok
    assert planned(world, DONE).empty
    assert_nothing_is_kept(world, tmp_path)


def test_of_a_create_that_another_process_finishes_no_secret_is_kept(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    living = world.store
    world.store = cast("StateStore", Dying(living))
    with pytest.raises(SystemExit):
        applied(world, DONE)
    world.store = living
    with world.lease() as lease:
        (role,) = world.recover(lease).resources.values()
    told = local_aws.client("iam").get_role(RoleName=role.remote_id)["Role"]
    assert told["Description"] == f"db {PASSWORD}"
    assert "Description" not in role.properties
    assert_nothing_is_kept(world, tmp_path)
    assert applied(world, DONE).ok
    assert_nothing_is_kept(world, tmp_path)


MACHINE = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  variables:
    password: {type: string, sensitive: true}
  values: {password: VALUE}
  resources:
    flow:
      type: AWS::StepFunctions::StateMachine
      properties:
        RoleArn: arn:aws:iam::123456789012:role/flow
"""
FORMS = {
    "a map": """\
        Definition: {StartAt: P, States: {P: {Type: Pass, End: true, Comment: "${vars.password}"}}}
""",
    "substitutions": """\
        DefinitionString: '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true, "Comment": "$${x}"}}}'
        DefinitionSubstitutions: {x: "${vars.password}"}
""",
}
SOURCES = {"a variable": "Kanarie-one", "a secret": "'${secret(\"ssm:/dev/db\")}'"}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("form", FORMS)
def test_a_definition_that_the_cloud_shows_under_another_name_is_kept_and_shown_nowhere(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path, form: str, source: str
) -> None:
    """The kind: a secret in a property that comes back as another one."""
    trusts = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [{**trusts, "Action": "sts:AssumeRole"}]}
    local_aws.client("iam").create_role(
        RoleName="flow", AssumeRolePolicyDocument=json.dumps(policy)
    )
    spec = MACHINE.replace("VALUE", SOURCES[source]) + FORMS[form]
    assert applied(world, spec).ok
    (flow,) = world.recorded().resources.values()
    told = local_aws.client("stepfunctions").describe_state_machine(stateMachineArn=flow.remote_id)
    assert PASSWORD in told["definition"]
    assert "Kanarie" not in repr(planned(world, spec))
    if form != "substitutions":  # by the hash of a part, nobody can tell what the whole should be
        assert planned(world, spec).empty
    assert_nothing_is_kept(world, tmp_path)


class Odd:
    """A cloud whose handlers have a bug that quotes what they were given."""

    def __init__(self, cloud: Any) -> None:
        self._cloud = cloud

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cloud, name)

    def create(self, operation: Operation) -> None:
        if "Tags" in operation.properties:
            raise ValueError(f"what is {operation.properties}")
        return self._cloud.create(operation)  # type: ignore[no-any-return]


def test_an_unexpected_error_leaves_without_its_text(world: WalkWorld) -> None:
    world.cloud = cast("Cloud", Odd(world.cloud))
    with pytest.raises(InvariantError, match="failed with ValueError") as caught:
        applied(world)
    assert "Kanarie" not in "".join(traceback.format_exception(caught.value))


DOCUMENTS = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  variables:
    stage: {type: string, sensitive: true, default: Kanarie-stage}
  resources:
    role:
      type: AWS::IAM::Role
      properties:
        AssumeRolePolicyDocument: '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"},
          "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "${secret("ssm:/dev/db")}"}}}}'
    queue:
      type: AWS::SQS::Queue
      properties: {}
    policy:
      type: AWS::SQS::QueuePolicy
      properties:
        Queues: ["${queue.QueueUrl}"]
        PolicyDocument: '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "${queue.Arn}",
          "Condition": {"StringEquals": {"aws:PrincipalTag/stage": "${vars.stage}"}}}]}'
    machine:
      type: AWS::StepFunctions::StateMachine
      properties:
        RoleArn: ${role.Arn}
        Definition: {StartAt: Go, Comment: "x $${key}", States: {Go: {Type: Pass, Result: "$${stage}", End: true}}}
        DefinitionSubstitutions: {key: '${secret("secretsmanager:dev/api#key")}', stage: "${vars.stage}"}
"""


def test_documents_with_something_hidden_are_compared_with_the_cloud(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    """The kind: a text whose hash is never that of the document that the cloud shows."""
    assert applied(world, DOCUMENTS).ok
    assert planned(world, DOCUMENTS).empty
    state = world.recorded()
    ids = {str(at): one.remote_id for at, one in state.resources.items()}
    machines, iam = local_aws.client("stepfunctions"), local_aws.client("iam")
    told = machines.describe_state_machine(stateMachineArn=ids["machine"])
    definition = json.loads(told["definition"])
    assert definition["Comment"] == "x Kanarie-key"
    assert definition["States"]["Go"]["Result"] == "Kanarie-stage"

    by_hand = json.dumps({**definition, "TimeoutSeconds": 9})
    machines.update_state_machine(stateMachineArn=ids["machine"], definition=by_hand)
    trust = iam.get_role(RoleName=ids["role"])["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"] = json.loads(
        json.dumps(trust["Statement"]).replace("123456789012", "210987654321")
    )
    iam.update_assume_role_policy(RoleName=ids["role"], PolicyDocument=json.dumps(trust))
    drifted = {str(one.address): one for one in planned(world, DOCUMENTS).effective}
    assert drifted.keys() == {"role", "machine"}
    assert {path.cause for one in drifted.values() for path in one.paths} == {Cause.DRIFT}
    assert "Kanarie" not in repr(drifted)
    assert applied(world, DOCUMENTS).ok
    assert planned(world, DOCUMENTS).empty
    now = machines.describe_state_machine(stateMachineArn=ids["machine"])["definition"]
    assert json.loads(now) == definition

    other = DOCUMENTS.replace("StartAt: Go", "StartAt: Go, TimeoutSeconds: 5")
    assert [str(one.address) for one in planned(world, other).effective] == ["machine"]
    assert applied(world, other).ok
    assert planned(world, other).empty
    local_aws.client("secretsmanager").put_secret_value(
        SecretId="dev/api", SecretString='{"key": "Kanarie-new"}'
    )
    assert [str(one.address) for one in planned(world, other).effective] == ["machine"]
    assert applied(world, other).ok
    assert planned(world, other).empty
    now = machines.describe_state_machine(stateMachineArn=ids["machine"])["definition"]
    assert json.loads(now) == {**definition, "TimeoutSeconds": 5, "Comment": "x Kanarie-new"}
    assert b"Kanarie" not in written(world, tmp_path)


TOGETHER = """\
apiVersion: gitbot/v1
kind: Stack
metadata: {name: trainer}
spec:
  resources:
    parameter:
      type: AWS::SSM::Parameter
      properties: {Name: /dev/copy, Type: String, Description: DESCRIPTION, Value: '${secret("ssm:/dev/db")}'}
    scripts:
      type: AWS::SageMaker::NotebookInstanceLifecycleConfig
      properties:
        OnCreate: [{Content: '${base64("DESCRIPTION")}'}]
        OnStart: [{Content: '${base64(secret("ssm:/dev/db"))}'}]
"""


def started(world: WalkWorld, aws: LocalAws) -> str:
    """The script that runs at the start of notebooks."""
    name = world.recorded().resources[Address("scripts")].remote_id.rpartition("/")[2]
    told = aws.client("sagemaker").describe_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name
    )
    (start,) = told["OnStart"]
    return base64.b64decode(start["Content"]).decode()


def test_an_update_sends_the_secrets_that_its_call_would_take_away_without_them(
    world: WalkWorld, local_aws: LocalAws, tmp_path: Path
) -> None:
    assert applied(world, TOGETHER.replace("DESCRIPTION", "one")).ok
    second = TOGETHER.replace("DESCRIPTION", "two")
    plan = planned(world, second)
    assert [path.path for one in plan.effective for path in one.paths] == [
        "/Description",
        "/OnCreate/0/Content",
    ]
    assert applied(world, second).ok
    told = local_aws.client("ssm").get_parameter(Name="/dev/copy")["Parameter"]
    assert told["Value"] == started(world, local_aws) == PASSWORD
    assert planned(world, second).empty
    assert b"Kanarie" not in written(world, tmp_path)


@pytest.mark.parametrize("script", ['secret("ssm:/dev/db")', "vars.start"])
@pytest.mark.parametrize("change", ["DESCRIPTION", "OnCreate"])
def test_what_recovery_cannot_send_whole_it_leaves_to_the_next_plan(
    world: WalkWorld, local_aws: LocalAws, script: str, change: str
) -> None:
    """The kind: a call that is made again without the secrets that state does not have."""
    variable = f"variables: {{start: {{type: string, sensitive: true, default: {PASSWORD}}}}}"
    spec = TOGETHER.replace('secret("ssm:/dev/db"))}\'}]', f"{script})}}'}}]").replace(
        "spec:\n", f"spec:\n  {variable}\n"
    )
    assert applied(world, spec).ok
    create = "        OnCreate: [{Content: '${base64(\"DESCRIPTION\")}'}]\n"
    second = spec.replace(create, "" if change == "OnCreate" else create.replace(change, "two"))
    call = "UpdateNotebookInstanceLifecycleConfig"
    local_aws.inject(Fault(kind=FaultKind.LOST_REQUEST, operation=call, count=None))
    assert not applied(world, second).ok
    assert world.recorded().intents
    local_aws.clear_faults()
    local_aws.forget_calls()
    with world.lease() as lease:
        assert not world.recover(lease).intents
    assert started(world, local_aws) == PASSWORD
    assert call not in [one.operation for one in local_aws.calls]
    assert [str(one.address) for one in planned(world, second).effective] == ["scripts"]
    assert applied(world, second).ok
    assert started(world, local_aws) == PASSWORD
    assert planned(world, second).empty
