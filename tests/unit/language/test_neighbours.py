"""What does not fit to its region, or to another resource of its stack, is refused when the spec is loaded.

The kind: what AWS refuses for sure, and only in the apply, when a part of the stack is there.
"""

from __future__ import annotations

import pytest

from gitbot.language.load import load_tree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

CATALOG = open_catalog()


def details(*lines: str, head: str = HEAD) -> list[str]:
    """What is said of a stack with these resources."""
    text = "".join(f"    {line}\n" for line in lines)
    files = {
        "specs/dev/environment.yaml": f"{ENVIRONMENT}  account: '123456789012'\n",
        "specs/dev/demo.yaml": f"{head}  resources:\n{text}",
    }
    loaded = load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)
    return [f"{one.code}: {one.detail}" for one in loaded.diagnostics]


def thing(name: str, type_: str, properties: str, more: str = "") -> str:
    return f"{name}: {{type: 'AWS::{type_}', properties: {{{properties}}}{more}}}"


def volume(zone: str) -> str:
    return thing("disk", "EC2::Volume", f"AvailabilityZone: '{zone}', Size: 8")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param([volume("us-east-1a")], "", id="its own region"),
        pytest.param([volume("${env.region}a")], "", id="of an expression"),
        pytest.param([volume("us-west-2a")], "us-west-2a is a zone of us-west-2", id="another"),
        pytest.param([volume("us-west-2-lax-1a")], "a zone of us-west-2", id="a local zone"),
        pytest.param([volume("us-east-1-xyz-1a")], "", id="a local zone of its region"),
        pytest.param([volume("us-west-2-wl1-las-wlz-1")], "a zone of us-west-2", id="Wavelength"),
        pytest.param([volume("us-gov-west-1a")], "a zone of us-gov-west-1", id="GovCloud"),
        pytest.param([volume("usw2-az1")], "", id="an identifier of a zone"),
        pytest.param([volume("somewhere")], "", id="no zone"),
        pytest.param(
            [
                thing(
                    "group",
                    "AutoScaling::AutoScalingGroup",
                    "MinSize: '0', MaxSize: '1', AvailabilityZones: [us-east-1a, us-west-2b], "
                    "LaunchTemplate: {LaunchTemplateId: lt-0123456789abcdef0, Version: '1'}",
                )
            ],
            "us-west-2b is a zone of us-west-2",
            id="in a list",
        ),
        pytest.param(
            [
                thing("box", "EC2::Instance", "ImageId: ami-0a1b2c3d4e5f60718", more)
                for more in (", placement: {instanceTypes: [t3.micro], zones: [us-west-2a]}",)
            ],
            "us-west-2a is a zone of us-west-2",
            id="of a placement",
        ),
        pytest.param(
            [
                thing(
                    "files",
                    "EFS::FileSystem",
                    "ReplicationConfiguration: {Destinations: [{Region: us-west-2, AvailabilityZoneName: us-west-2a}]}",
                )
            ],
            "",
            id="of a copy elsewhere",
        ),
    ],
)
def test_a_zone_is_one_of_the_stacks_region(lines: list[str], says: str) -> None:
    told = [one for one in details(*lines) if one.startswith("zone-elsewhere")]
    assert len(told) == bool(says)
    assert all(says in one for one in told)


def test_a_zone_is_looked_at_in_each_region_of_a_stack() -> None:
    head = HEAD.replace("spec:\n", "spec:\n  regions: [us-west-2, eu-west-1]\n")
    (told,) = details(volume("us-west-2a"), head=head)
    assert "us-west-2a is a zone of us-west-2, and the stack is in eu-west-1" in told


def vpc(name: str, block: str = "10.0.0.0/16", more: str = "") -> str:
    return thing(name, "EC2::VPC", f"CidrBlock: '{block}'", more)


def subnet(of: str) -> str:
    return thing("a", "EC2::Subnet", f"VpcId: '{of}', CidrBlock: '10.0.1.0/24'")


def group(of: str = "") -> str:
    where = f", VpcId: '{of}'" if of else ""
    return thing("g", "EC2::SecurityGroup", f"GroupDescription: d{where}")


NET, OTHER = "${net.VpcId}", "${other.VpcId}"
ID, OTHER_ID = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
CARD = thing(
    "box", "EC2::NetworkInterface", "SubnetId: '${a.SubnetId}', GroupSet: ['${g.GroupId}']"
)
CODE = "Role: 'arn:aws:iam::123456789012:role/r', Handler: h.h, Runtime: python3.13, Code: {ZipFile: p}"
TASK = thing(
    "box",
    "Lambda::Function",
    f"{CODE}, VpcConfig: {{SubnetIds: ['${{a.SubnetId}}'], SecurityGroupIds: ['${{g.GroupId}}']}}",
)
VARIABLES = thing(
    "box",
    "Lambda::Function",
    f"{CODE}, Environment: {{Variables: {{SubnetId: '${{a.SubnetId}}', SecurityGroups: '${{g.GroupId}}'}}}}",
)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param([vpc("net"), subnet(NET), group(NET), CARD], "", id="one network"),
        pytest.param(
            [vpc("net"), vpc("other", "10.1.0.0/16"), subnet(NET), group(OTHER), CARD],
            "g is a group of other, and a is a subnet of net.",
            id="two networks",
        ),
        pytest.param(
            [vpc("net"), vpc("other", "10.1.0.0/16"), subnet(NET), group(OTHER), TASK],
            "g is a group of other, and a is a subnet of net.",
            id="deeper",
        ),
        pytest.param(
            [vpc("net"), subnet(NET), group(), CARD],
            "g is a group of the default VPC (it has no VpcId), and a is a subnet of net.",
            id="a group without a network",
        ),
        pytest.param(
            [vpc("net", "172.31.0.0/16"), subnet(NET), group(), CARD],
            "",
            id="it may be the default network",
        ),
        pytest.param(
            [vpc("net", more=f", lifecycle: {{import: {ID}}}"), subnet(NET), group(), CARD],
            "",
            id="it was there before",
        ),
        pytest.param([vpc("net"), subnet(NET), group(ID), CARD], "", id="it may be its identifier"),
        pytest.param([subnet(ID), group(OTHER_ID), CARD], "g is a group of", id="two identifiers"),
        pytest.param([subnet(ID), group(ID), CARD], "", id="one identifier"),
        pytest.param([subnet(ID), group(), CARD], "", id="the identifier may be the default one"),
        pytest.param(
            [vpc("net"), subnet(NET), group("${a.VpcId}"), CARD], "", id="by another part"
        ),
        pytest.param([vpc("net"), subnet(NET), group(), VARIABLES], "", id="only variables"),
        pytest.param(
            [
                *(vpc("net"), vpc("other", "10.1.0.0/16"), subnet(NET), group(OTHER), CARD),
                thing(
                    "lets",
                    "EC2::SecurityGroupVpcAssociation",
                    f"GroupId: '${{g.GroupId}}', VpcId: '{NET}'",
                ),
            ],
            "",
            id="let into the network",
        ),
    ],
)
def test_a_group_is_of_the_network_of_the_subnets_beside_it(lines: list[str], says: str) -> None:
    told = [one for one in details(*lines) if one.startswith("group-elsewhere")]
    assert len(told) == bool(says)
    assert all(says in one for one in told)


@pytest.mark.parametrize(
    ("protocol", "key", "fits"),
    [
        ("HTTP", "GET /pets/{id}", True),
        ("HTTP", "ANY /{proxy+}", True),
        ("HTTP", "$default", True),
        ("HTTP", "/pets", False),
        ("HTTP", "GET", False),
        ("HTTP", "GET pets", False),
        ("HTTP", "$connect", False),
        ("WEBSOCKET", "$connect", True),
        ("WEBSOCKET", "sendmessage", True),
    ],
)
def test_a_route_has_the_form_of_its_apis_protocol(protocol: str, key: str, fits: bool) -> None:
    more = ", RouteSelectionExpression: $request.body.action" if protocol == "WEBSOCKET" else ""
    api = thing("api", "ApiGatewayV2::Api", f"Name: a, ProtocolType: {protocol}{more}")
    route = thing("route", "ApiGatewayV2::Route", f"ApiId: '${{api.ApiId}}', RouteKey: '{key}'")
    says = f"property-value: RouteKey {key} is no route of api, which is an HTTP API."
    assert details(api, route) == ([] if fits else [says])
    elsewhere = thing("route", "ApiGatewayV2::Route", f"ApiId: a1b2c3d4e5, RouteKey: '{key}'")
    assert details(elsewhere) == []


OF_ROLE = "Role: '${role.Arn}'"


@pytest.mark.parametrize(
    ("properties", "codes"),
    [
        ("Code: {ZipFile: p}, Handler: h.h, Runtime: python3.13", []),
        ("Code: {ZipFile: p}, Runtime: python3.13", ["missing-property"]),
        ("Code: {ZipFile: p}", ["missing-property", "missing-property"]),
        (
            "Code: {S3Bucket: bbb, S3Key: '${role.RoleId}'}",
            ["missing-property", "missing-property"],
        ),
        ("PackageType: Image, Code: {ImageUri: i}", []),
        ("PackageType: Image, Code: {ImageUri: i}, Handler: h.h", ["property-value"]),
        ("Code: {ImageUri: i}", ["missing-property"]),
        ("PackageType: '${role.RoleId}', Code: {ImageUri: i}", []),
    ],
)
def test_code_in_an_archive_says_how_it_runs_and_an_image_does_not(
    properties: str, codes: list[str]
) -> None:
    """Also where other properties are known only after an apply, as a role is."""
    for role in (OF_ROLE, "Role: 'arn:aws:iam::123456789012:role/r'"):
        told = details(
            thing("role", "IAM::Role", "AssumeRolePolicyDocument: {Statement: []}").replace(
                "{Statement: []}",
                "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'sts:AssumeRole', Principal: {Service: lambda.amazonaws.com}}]}",
            ),
            thing("run", "Lambda::Function", f"{role}, {properties}"),
        )
        assert [one.partition(":")[0] for one in told] == codes, told


@pytest.mark.parametrize(
    ("engine", "fits"), [("postgres", True), ("something-new", True), ("postgresql", False)]
)
def test_a_name_that_is_surely_no_engine_is_refused(engine: str, fits: bool) -> None:
    """AWS adds engines, so that only names that people take for one are known to be wrong."""
    rest = "DBInstanceClass: db.t3.micro, MasterUsername: m, ManageMasterUserPassword: true"
    told = details(thing("db", "RDS::DBInstance", f"Engine: {engine}, {rest}"))
    assert ["is no engine of RDS" in one for one in told] == ([] if fits else [True])


@pytest.mark.parametrize(("most", "fits"), [(20, True), (100, True), (10, False)])
def test_storage_does_not_grow_to_less_than_it_has(most: int, fits: bool) -> None:
    sizes = f"AllocatedStorage: '20', MaxAllocatedStorage: {most}"
    rest = "Engine: postgres, DBInstanceClass: db.t3.micro, MasterUsername: m, ManageMasterUserPassword: true"
    told = details(thing("db", "RDS::DBInstance", f"{sizes}, {rest}"))
    assert len(told) == (not fits)
    assert all(
        "has AllocatedStorage 20, which is above MaxAllocatedStorage 10" in one for one in told
    )


VOLUME = "vol-0123456789abcdef0"
DISK = volume("us-east-1a")


def machine(more: str) -> str:
    return thing(
        "box", "EC2::Instance", f"ImageId: ami-0123456789abcdef0, InstanceType: t3.micro, {more}"
    )


def link(device: str, of: str = "${disk.VolumeId}", name: str = "link") -> str:
    told = f"VolumeId: '{of}', InstanceId: '${{box.InstanceId}}', Device: {device}"
    return thing(name, "EC2::VolumeAttachment", told)


MAPPED = "BlockDeviceMappings: [{DeviceName: /dev/sdf, Ebs: {VolumeSize: 8}}]"
NAMED = "Volumes: [{VolumeId: '${disk.VolumeId}', Device: /dev/sdf}]"
BY_ID = f"Volumes: [{{VolumeId: {VOLUME}, Device: /dev/sdf}}]"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        pytest.param([DISK, machine(NAMED)], "", id="one volume"),
        pytest.param([DISK, machine(BY_ID), link("/dev/sdg")], "", id="two volumes"),
        pytest.param(
            [DISK, machine(BY_ID), link("/dev/sdf")],
            "box says of box that it has a disk at /dev/sdf already.",
            id="one device",
        ),
        pytest.param(
            [DISK, machine(NAMED), link("/dev/sdg")],
            "box says of box that it has the volume disk already.",
            id="one volume twice",
        ),
        pytest.param(
            [machine(BY_ID), link("/dev/sdg", VOLUME)],
            f"the volume {VOLUME} already.",
            id="one volume twice, by its identifier",
        ),
        pytest.param([DISK, machine(MAPPED), link("/dev/sdf")], "", id="it may be adopted"),
        pytest.param(
            [
                DISK,
                machine("Monitoring: true"),
                link("/dev/sdf"),
                link("/dev/sdf", VOLUME, "other"),
            ],
            "link says of box that it has a disk at /dev/sdf already.",
            id="two attachments",
        ),
    ],
)
def test_no_two_disks_of_a_machine_have_one_device(lines: list[str], says: str) -> None:
    told = details(*lines)
    assert len(told) == bool(says), told
    assert all(one.startswith("device-twice") and says in one for one in told)
