"""What AWS refuses, keeps otherwise or takes for one is a diagnostic when the spec is loaded.

Each row stands for a kind of spec that passed the plan and failed, or changed silently, in the
apply.
"""

from __future__ import annotations

from textwrap import indent

import pytest

from gitbot.language.load import load_tree
from gitbot.model.desired import LoadedTree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import HEAD, tree

CATALOG = open_catalog()
ENVIRONMENT = """
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
TRUST = "{Statement: [{Effect: Allow, Principal: {Service: x.example}, Action: sts:AssumeRole}]}"


def load(resources: str) -> LoadedTree:
    spec = f"{HEAD}  resources:\n{indent(resources, '    ')}"
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": spec}
    return load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)


def group(*rules: str, name: str = "mesh", more: str = "") -> str:
    lines = "".join(f"      - {{{rule}}}\n" for rule in rules)
    ingress = f"    SecurityGroupIngress:\n{lines}" if rules else ""
    head = f"{name}:\n  type: AWS::EC2::SecurityGroup\n  properties:\n    GroupDescription: x\n"
    return f"{head}{ingress}{more}"


def machine(properties: str) -> str:
    return f"""\
box:
  type: AWS::EC2::Instance
  properties:
    ImageId: ami-0a1b2c3d4e5f60718
    InstanceType: t3.micro
    {properties}
"""


FUNCTION = """\
f:
  type: AWS::Lambda::Function
  properties: {Role: "arn:aws:iam::123456789012:role/f", Code: {ZipFile: x}, Runtime: python3.12, Handler: a.b, %s}
"""
CERTIFICATE = "c: {type: 'AWS::CertificateManager::Certificate', properties: {DomainName: '%s'}}\n"
WEBSOCKETS = """\
a:
  type: AWS::ApiGatewayV2::Api
  properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.a, CorsConfiguration: {MaxAge: 1}}
"""
INTEGRATION = """\
i:
  type: AWS::ApiGatewayV2::Integration
  properties: {ApiId: abcdefgh12, IntegrationType: HTTP_PROXY, IntegrationMethod: GET, PayloadFormatVersion: %s}
"""
WORKERS = """\
workers:
  type: AWS::EKS::Nodegroup
  properties:
    ClusterName: lab
    NodeRole: arn:aws:iam::123456789012:role/workers
    Subnets: [subnet-0123456789abcdef0]
    LaunchTemplate: {Id: lt-0123456789abcdef0, Version: %s}
"""


def role(tags: str) -> str:
    return f"""\
role:
  type: AWS::IAM::Role
  properties:
    AssumeRolePolicyDocument: {TRUST}
    Tags: {tags}
"""


def bucket(properties: str) -> str:
    return f"bucket: {{type: AWS::S3::Bucket, properties: {{{properties}}}}}\n"


def logs(days: int) -> str:
    return f"logs: {{type: AWS::Logs::LogGroup, properties: {{RetentionInDays: {days}}}}}\n"


def tags(count: int) -> str:
    return "[" + ", ".join(f"{{Key: k{number}, Value: v}}" for number in range(count)) + "]"


def queue(properties: str) -> str:
    return f"jobs: {{type: AWS::SQS::Queue, properties: {{{properties}}}}}\n"


def database(engine: str, user: str, class_: str = "db.t3.micro") -> str:
    return (
        "db: {type: AWS::RDS::DBInstance, properties: {AllocatedStorage: '20', ManageMasterUserPassword: true, "
        f"DBInstanceClass: {class_}, Engine: {engine}, MasterUsername: {user}}}}}\n"
    )


SSH = "IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8"
REFUSED = (
    (group(more="    GroupName: sg-web\n"), "property-value", "keeps for the identifiers"),
    (bucket("BucketName: sthree-data"), "property-value", "S3 keeps for itself"),
    (group(f"{SSH}, Description: a", f"{SSH}, Description: b"), "one-rule-twice", "in line"),
    (
        group(f"{SSH}, Description: a", SSH.replace("tcp", '"6"').replace("10.0", "10.1")),
        "one-rule-twice",
        "differ only in Description",
    ),
    (
        group(
            'IpProtocol: "-1", SourceSecurityGroupId: "${mesh.GroupId}", Description: a',
            'IpProtocol: "-1", SourceSecurityGroupId: "${mesh.Id}", Description: b',
        ),
        "one-rule-twice",
        "SecurityGroupIngress[1]",
    ),
    (group("IpProtocol: tcp, CidrIp: 10.0.0.0/8"), "missing-property", "needs FromPort"),
    (
        group(f'{SSH}, SourceSecurityGroupOwnerId: "123456789012"'),
        "property-value",
        "SourceSecurityGroupId",
    ),
    (group(more='    VpcId: "${mesh.VpcId}"\n'), "cycle", "mesh → mesh"),
    (
        group('IpProtocol: "-1", SourceSecurityGroupId: "${mesh.VpcId}"'),
        "cycle",
        "mesh → mesh",
    ),
    (
        group('IpProtocol: "-1", SourceSecurityGroupId: "${mesh.GroupId}-x"'),
        "cycle",
        "mesh → mesh",
    ),
    (
        group() + machine('SecurityGroupIds: "${mesh.GroupId}"'),
        "property-type",
        'Put it in a list: ["${mesh.GroupId}"].',
    ),
    (
        machine("SecurityGroups: [web]\n    SecurityGroupIds: [sg-0123]"),
        "property-value",
        "Remove one of the two.",
    ),
    (
        machine('LaunchTemplate: {Version: "1"}'),
        "missing-property",
        "Add one of LaunchTemplateId, LaunchTemplateName.",
    ),
    (
        machine('Volumes: [{VolumeId: "vol-0123456789abcdef0"}]'),
        "missing-property",
        "Add Device.",
    ),
    (
        machine("AdditionalInfo: x"),
        "property-not-handled",
        "Remove it. Managed here: AvailabilityZone",
    ),
    (
        group() + machine('SecurityGroupIds: "${mesh.GroupId}, sg-0123"'),
        "property-type",
        "must be a list",
    ),
    (
        group() + machine('MetadataOptions: "${mesh.GroupId}"'),
        "property-type",
        "must be a map",
    ),
    (role("[{Key: a, Value: 'train (v2) #3'}]"), "tag-refused", "Use letters, digits, spaces"),
    (role("[{Key: a, Value: x}, {Key: A, Value: x}]"), "tag-refused", "one to the cloud"),
    (role(tags(46)), "tag-refused", "Take 1 out"),
    (
        "r: {type: AWS::IAM::Role, properties: {AssumeRolePolicyDocument: {Statement: []}}}\n",
        "property-value",
        "AssumeRolePolicyDocument of AWS::IAM::Role has no Statement",
    ),
    (
        "p: {type: AWS::IAM::ManagedPolicy, properties: {PolicyDocument: '{'}}\n",
        "property-value",
        "is no JSON text: Expecting",
    ),
    (
        queue("QueueName: jobs.fifo"),
        "property-value",
        "only the name of a queue with FifoQueue: true",
    ),
    (queue("QueueName: jobs.fifo, FifoQueue: false"), "property-value", "with FifoQueue: true"),
    (queue("QueueName: jobs, FifoQueue: true"), "property-value", "does not end with .fifo"),
    (database("postgres", "ml", "t3.micro"), "property-value", "those begin with db."),
    (database("postgres", "admin"), "property-value", "keeps for itself"),
    (database("mysql", "rdsadmin"), "property-value", "keeps for itself"),
    (role("[]").replace("x.example", "lambda"), "property-value", "write lambda.amazonaws.com"),
    (bucket(f"Tags: {tags(46)}"), "tag-refused", "There are 46 tags"),
    (bucket("Tags: [{Key: a, Value: 'v#2'}]"), "tag-refused", "The value"),
    (queue("Tags: [{Key: 'k#', Value: v}, {Key: a, Value: v}]"), "tag-refused", "The key"),
    (bucket("BucketName: ab"), "property-value", "at least 3 characters"),
    (bucket("BucketName: $env.project-x"), "property-value", "An expression stands in ${…}"),
    (bucket("BucketName: $(env.name)"), "property-value", "An expression stands in ${…}"),
    (logs(15), "property-value", "Write 14 or 30."),
    (logs(4000), "property-value", "Write 3653."),
    (logs(0), "property-value", "Write 1."),
    (
        group("IpProtocol: tcp, FromPort: 1, ToPort: 70000, CidrIp: 10.0.0.0/8"),
        "property-value",
        "above 65535",
    ),
    (
        group("IpProtocol: tcp, FromPort: 90, ToPort: 80, CidrIp: 10.0.0.0/8"),
        "property-value",
        "FromPort 90",
    ),
    (FUNCTION % "Timeout: 901", "property-value", "above 900"),
    (
        FUNCTION % "Environment: {Variables: {MODEL-NAME: a}}",
        "unknown-property",
        "Its keys must match",
    ),
    (CERTIFICATE % "https://acme.example", "property-value", "character 6"),
    (
        WEBSOCKETS,
        "property-value",
        "cannot have CorsConfiguration beside what else it says. Remove CorsConfiguration.",
    ),
    (INTEGRATION % "2.0", "property-type", "'2.0'"),
    (WORKERS % "$Latest", "property-value", "every plan would change it; give the number"),
    (bucket(f"Tags: [{{Key: {'k' * 129}, Value: v}}]"), "tag-refused", "129 characters"),
    (bucket("BucketName: 0123456"), "yaml-leading-zero", "'0123456'"),
    (bucket("LifecycleConfiguration: {Rules: [{Id: '', Status: Enabled}]}"), "property-value", ""),
    (bucket("OwnershipControls: {Rules: []}"), "property-value", "at least 1"),
    (
        machine("BlockDeviceMappings: [{DeviceName: a, Ebs: {VolumeType: io1, VolumeSize: 9}}]"),
        "missing-property",
        "needs Iops",
    ),
    (machine("UserData: \"${base64('''grep '\\\\.pt' ''')}\""), "bad-expression", "r'''…'''"),
)


@pytest.mark.parametrize(("resources", "code", "words"), REFUSED)
def test_what_aws_would_refuse_or_read_otherwise_is_refused(
    resources: str, code: str, words: str
) -> None:
    found = load(resources).diagnostics
    assert code in {one.code for one in found}, found
    assert any(one.code == code and words in f"{one.detail} {one.fix}" for one in found), found
    if code == "tag-refused":  # and the schema tells it no second time
        assert len(found) == 1


TAKEN = (
    queue("QueueName: jobs.fifo, FifoQueue: true"),
    queue("FifoQueue: true"),
    queue("QueueName: jobs"),
    queue("QueueName: jobs.fifo, FifoQueue: '${one.Arn != \"\"}'")
    + "one: {type: AWS::SQS::Queue}\n",
    database("mysql", "admin"),
    database("postgres", "postgres"),
    database("postgres", "ml", "db.serverless"),
    group(f"{SSH}, Description: a", f"{SSH}, Description: a"),
    group('IpProtocol: "-1", SourceSecurityGroupId: "${mesh.GroupId}"'),
    group('IpProtocol: "50", CidrIp: 10.0.0.0/8'),
    group() + machine('SecurityGroupIds: ["${mesh.GroupId}"]'),
    group() + machine('SecurityGroupIds: "${[mesh.GroupId]}"'),
    role(tags(45)),
    group(more="    Tags: [{Key: a, Value: 'train (v2) #3'}, {Key: A, Value: x}]\n"),
    bucket("Tags: [{Key: owner, Value: a}, {Key: Owner, Value: b}]"),
    machine("UserData: \"${base64(r'''grep '\\\\.pt' ''')}\""),
    bucket("LifecycleConfiguration: {Rules: []}"),
    role("[{Key: zip, Value: '01234'}]"),
)


@pytest.mark.parametrize("resources", TAKEN)
def test_what_aws_takes_is_taken(resources: str) -> None:
    assert load(resources).diagnostics == ()


CLIENT = """\
  client:
    type: AWS::Cognito::UserPoolClient
    properties: {UserPoolId: us-east-1_abcdefghi}
  query:
    type: AWS::Athena::NamedQuery
    properties: {Database: runs, QueryString: "select '${client.%s}'"}
"""


def test_a_secret_that_aws_makes_up_cannot_be_named() -> None:
    assert load(CLIENT % "ClientId").diagnostics == ()
    (found,) = load(CLIENT % "ClientSecret").diagnostics
    assert "ClientSecret" in found.detail


def test_only_what_a_type_does_not_take_has_something_to_write_instead() -> None:
    """The kind: advice that stays behind when the property is taken."""
    for name in CATALOG.native_names():
        schema = CATALOG.lookup(name)
        assert schema is not None
        taken = {path.split("/")[1] for path in schema.handled or ()}
        others = schema.json_schema["properties"].keys() - taken
        assert schema.instead.keys() <= {f"/{one}" for one in others}


def test_a_group_that_names_itself_depends_on_nothing_and_its_rule_says_so() -> None:
    [stack] = load(group('IpProtocol: "-1", SourceSecurityGroupId: "${mesh.GroupId}"')).stacks
    [mesh] = stack.resources.values()
    assert mesh.depends_on == frozenset()
    assert mesh.properties["SecurityGroupIngress"] == [
        {"IpProtocol": "-1", "SourceSecurityGroupId": "self"}
    ]
