"""Stacks use each other's outputs: in a pull request, on merge, and at the command line."""

from __future__ import annotations

import json

import pytest

from gitbot_sandbox.aws import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN
from gitbot_sandbox.stage import Stage
from tests.e2e.shell import Shell
from tests.e2e.specs import group, stack
from tests.e2e.test_pull_requests import merged

pytestmark = pytest.mark.story

USES = '${stacks["network"].outputs.group}'


def user(name: str = "web", uses: str = USES) -> str:
    """A stack with a group that lets in whoever is in the group of another stack."""
    return stack(
        name,
        "inside:\n"
        "  type: AWS::EC2::SecurityGroup\n"
        "  properties:\n"
        f"    GroupName: ${{env.project}}-${{env.name}}-{name}\n"
        "    GroupDescription: From the group of another stack\n"
        "    SecurityGroupIngress:\n"
        f"      - {{IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupId: '{uses}'}}\n",
    )


def second(name: str) -> str:
    """A group without rules."""
    return (
        f"{name}:\n"
        "  type: AWS::EC2::SecurityGroup\n"
        f"  properties: {{GroupName: '${{env.project}}-{name}', GroupDescription: Another one}}\n"
    )


def second_group(output: str = "two") -> str:
    """The stack ``network`` with two groups; ``output`` is the one that it gives to others."""
    return group("network", more=second("two")).replace("${ssh.GroupId}", f"${{{output}.GroupId}}")


def test_the_command_line_applies_in_order_and_destroys_nothing_that_is_used(shell: Shell) -> None:
    shell.write({"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")})
    planned = shell.gitbot("plan", "dev").stdout
    assert planned.index("dev/network") < planned.index("dev/web")
    assert f"{USES} (known after apply)" in planned
    shell.applied()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    shell.write({"specs/dev/n.yaml": second_group()})
    done = shell.gitbot("apply", "dev", "--yes")
    assert "inside updated" in done.stdout, done.stderr
    assert "dev/web inside: update done" in done.stderr
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    alone = shell.gitbot("destroy", "dev", "--stack", "network", "--yes")
    assert alone.returncode == 1
    assert "`web` still uses its outputs" in alone.stderr
    assert shell.gitbot("destroy", "dev", "--yes").returncode == 0
    assert shell.groups() == []


def test_the_command_line_applies_side_by_side_and_a_failure_holds_only_who_needs_it(
    shell: Shell,
) -> None:
    alone = {name: stack(name, second(name)) for name in ("x", "y")}
    files = {"n": group("network"), "w": user(), **alone}
    shell.write({f"specs/dev/{name}.yaml": text for name, text in files.items()})
    refused = Fault(
        kind=FaultKind.ERROR,
        operation="AuthorizeSecurityGroupIngress",
        count=None,
        status=400,
        code="RulesPerSecurityGroupLimitExceeded",
    )
    slow = Fault(operation="CreateSecurityGroup", kind=FaultKind.DELAY, seconds=1.5, count=None)
    shell.aws.inject(slow)
    shell.aws.inject(refused)
    done = shell.gitbot("apply", "dev", "--yes", "--new-store")
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("  dev/")]
    begun = [line for line in lines if line.endswith("create …")]
    assert lines[:3] == begun, "none of the three waited for another one"
    assert sorted(line.split()[0] for line in begun) == ["dev/network", "dev/x", "dev/y"]
    assert "dev/web was left as it is: it uses outputs of `network`" in done.stderr
    assert sorted(shell.groups()) == ["cli-dev-network", "cli-x", "cli-y"]
    order = [done.stdout.index(f"dev/{name}: ") for name in ("network", "x", "y")]
    assert order == sorted(order), "results stand in the order of the plans"
    shell.aws.clear_faults()
    shell.applied()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_of_a_list_only_the_new_item_is_unknown_to_who_uses_another(shell: Shell) -> None:
    def network(*names: str) -> str:
        ids = ", ".join(f'"${{{name}.GroupId}}"' for name in names)
        return stack("network", "".join(map(second, names)), f"ids: {{value: [{ids}]}}\n")

    shell.write(
        {
            "specs/dev/n.yaml": network("one", "two"),
            "specs/dev/w.yaml": user(uses='${stacks["network"].outputs.ids[0]}'),
            "specs/dev/x.yaml": user("last", uses='${stacks["network"].outputs.ids[1]}'),
        }
    )
    shell.applied()
    shell.write({"specs/dev/n.yaml": network("one", "three", "two")})
    planned = shell.gitbot("plan", "dev").stdout
    assert planned.count("(known after apply)") >= 1
    web = planned[planned.index("dev/web") :]
    assert "inside" not in web, "nothing changes there"
    assert "~ inside" in planned[planned.index("dev/last") : planned.index("dev/web")]
    done = shell.applied()
    assert "dev/last" in done
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_with_one_more_subnet_whoever_is_in_the_first_one_stays(shell: Shell) -> None:
    """The kind: an output that is made of the copies of a module, one of which is new."""

    def network(zones: str) -> str:
        values = (
            f"{{name: ml-dev, subnets: {zones}, private_subnets: {{a: 10.20.128.0/20}}, nat: one}}"
        )
        made = f"network:\n  module: gitbot/ml-network\n  values: {values}\n"
        return stack("network", made, 'ids: {value: "${network.subnet_ids}"}\n')

    using = """\
files: {type: AWS::EFS::FileSystem, properties: {Encrypted: true}}
mount:
  type: AWS::EFS::MountTarget
  properties:
    FileSystemId: ${files.FileSystemId}
    SubnetId: ${stacks["network"].outputs.ids[0]}
    SecurityGroups: []
"""
    shell.write(
        {"specs/dev/n.yaml": network("{b: 10.20.0.0/20}"), "specs/dev/w.yaml": stack("web", using)}
    )
    shell.applied()
    shell.write({"specs/dev/n.yaml": network("{b: 10.20.0.0/20, c: 10.20.16.0/20}")})
    planned = json.loads(shell.gitbot("plan", "dev", "--json").stdout)["plans"]
    changed = {
        one["address"] for plan in planned for one in plan["changes"] if one["action"] != "no-op"
    }
    assert changed == {'network.association["c"]', 'network.subnet["c"]'}
    shell.applied()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_an_object_moves_to_another_stack_when_its_own_has_let_go_of_it(shell: Shell) -> None:
    """The kind: the way that the refusal shows is refused too, since the tags of the former stack stay."""

    def data(lifecycle: str) -> str:
        bucket = f"{{type: AWS::S3::Bucket, properties: {{BucketName: acme-moves}}, lifecycle: {lifecycle}}}"
        return f"data: {bucket}\n"

    plan = ("plan", "dev", "--stack", "new")
    files = {"specs/dev/old.yaml": stack("old", data("{retain: true}") + second("one"))}
    shell.write(files)
    shell.applied()
    taking = {"specs/dev/new.yaml": stack("new", data("{import: acme-moves}"))}
    shell.write(taking)
    assert "have the other stack let go of it first" in " ".join(shell.gitbot(*plan).stderr.split())
    shell.write({"specs/dev/old.yaml": stack("old", second("one")), "specs/dev/new.yaml": None})
    shell.applied()
    shell.write({"specs/dev/new.yaml": stack("new", data("{}"))})
    told = " ".join(shell.gitbot(*plan).stderr.split())
    assert 'take it over with `lifecycle: {import: "acme-moves"}`' in told
    shell.write(taking)
    planned = json.loads(shell.gitbot(*plan, "--json").stdout)["plans"][0]
    [change] = planned["changes"]
    assert (change["action"], change["takes_over"]) == ("adopt", True)
    assert "It was made by the stack dev/old" in shell.gitbot(*plan).stdout
    done = shell.gitbot("apply", "dev", "--stack", "new", "--digest", planned["digest"][:16])
    assert done.returncode == 0, done.stderr
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    tags = shell.aws.client("s3").get_bucket_tagging(Bucket="acme-moves")["TagSet"]
    assert {"Key": "gitbot:stack", "Value": "dev/new"} in tags


def test_a_merge_plans_and_applies_who_uses_a_changed_output(stage: Stage) -> None:
    files: dict[str, str | None] = {
        "specs/dev/a.yaml": user(),
        "specs/dev/b.yaml": group("beside"),
        "specs/dev/n.yaml": group("network"),
    }
    merged(stage, files, "first")
    number = stage.open("second", "Give another group", {"specs/dev/n.yaml": second_group()})
    body = stage.plan_comment(number).body
    assert "dev/web" in body
    assert "dev/beside" not in body
    assert USES in body
    stage.github.merge(stage.name, number, ADMIN)
    told = stage.result(number, "dev").body
    assert "web" in told
    assert "held" not in told
    ec2 = stage.sandbox.aws.client("ec2")
    found = {each["GroupName"]: each for each in ec2.describe_security_groups()["SecurityGroups"]}
    project = stage.name.rpartition("/")[2]
    (rule,) = found[f"{project}-dev-web"]["IpPermissions"]
    assert rule["UserIdGroupPairs"][0]["GroupId"] == found[f"{project}-two"]["GroupId"]
    number = stage.open("third", "Remove the network", {"specs/dev/n.yaml": None})
    assert 'has no stack "network"' in stage.plan_comment(number).body


def renamed() -> str:
    """The stack ``network`` with another group in place of the one that others use."""
    return group("network").replace("GroupName: ", "GroupName: new-")


def test_the_command_line_moves_users_before_it_deletes_what_they_used(shell: Shell) -> None:
    shell.write({"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")})
    shell.applied()
    shell.write({"specs/dev/n.yaml": renamed()})
    done = shell.gitbot("apply", "dev", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "what `network` replaced have moved: the next turn deletes it" in done.stderr
    assert done.stderr.index("dev/web inside: update done") < done.stderr.index("delete done")
    assert sorted(shell.groups()) == ["cli-dev-web", "new-cli-dev-network"]
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_what_the_first_turn_did_is_shown_when_the_next_one_cannot_be_planned(
    shell: Shell,
) -> None:
    shell.write({"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")})
    shell.applied()
    shell.write({"specs/dev/n.yaml": renamed()})
    shell.aws.inject(
        Fault(
            operation="DescribeSecurityGroups",
            kind=FaultKind.ERROR,
            count=None,
            skip=7,  # the reads of the first turn
            status=403,
            code="UnauthorizedOperation",
        )
    )
    done = shell.gitbot("apply", "dev", "--yes")
    assert done.returncode == 1
    assert "inside updated" in done.stdout
    assert "The next turn of network cannot be planned" in done.stderr, done.stderr
    shell.aws.clear_faults()
    shell.applied()
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_a_replacement_that_is_reverted_half_way_takes_the_old_object_back(shell: Shell) -> None:
    first = {"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")}
    shell.write({**first})
    shell.applied()
    ec2 = shell.aws.client("ec2")

    def ids() -> dict[str, str]:
        found = ec2.describe_security_groups()["SecurityGroups"]
        return {one["GroupName"]: one["GroupId"] for one in found if one["GroupName"] != "default"}

    before = ids()
    shell.write({"specs/dev/n.yaml": renamed()})
    half = shell.gitbot("apply", "dev", "--stack", "network", "--yes")
    assert half.returncode == 1
    assert sorted(ids()) == ["cli-dev-network", "cli-dev-web", "new-cli-dev-network"]
    shell.write({**first})
    planned = shell.gitbot("plan", "dev").stdout
    assert "old object" in planned
    assert "to add" not in planned
    done = shell.gitbot("apply", "dev", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ids() == before
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def role(name: str) -> str:
    """A stack with a role that functions take."""
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
    )
    return stack(
        "network",
        "role:\n"
        "  type: AWS::IAM::Role\n"
        "  properties:\n"
        f"    RoleName: {name}\n"
        f"    AssumeRolePolicyDocument: {trust}\n",
        "arn: ${role.Arn}\n",
    )


FUNCTION = stack(
    "web",
    "task:\n"
    "  type: AWS::Lambda::Function\n"
    "  properties:\n"
    "    FunctionName: task\n"
    "    Role: '${stacks[\"network\"].outputs.arn}'\n"
    "    Handler: index.handler\n"
    "    Runtime: python3.12\n"
    "    Code: {ZipFile: 'def handler(event, context): pass'}\n",
)


def test_a_role_stays_until_the_stack_that_uses_it_has_moved(shell: Shell) -> None:
    shell.write({"specs/dev/n.yaml": role("job"), "specs/dev/w.yaml": FUNCTION})
    shell.applied()
    iam, functions = shell.aws.client("iam"), shell.aws.client("lambda")

    def roles() -> list[str]:
        return sorted(one["RoleName"] for one in iam.list_roles()["Roles"])

    shell.write({"specs/dev/n.yaml": role("job-2")})
    alone = shell.gitbot("apply", "dev", "--stack", "network", "--yes")
    assert alone.returncode == 1
    assert "kept for `web`" in alone.stdout
    assert roles() == ["job", "job-2"]
    again = shell.gitbot("apply", "dev", "--stack", "network", "--yes")
    assert again.returncode == 1, "the function still has the old role"
    assert roles() == ["job", "job-2"]
    done = shell.gitbot("apply", "dev", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert roles() == ["job-2"]
    (made,) = functions.list_functions()["Functions"]
    assert made["Role"].endswith("/job-2")
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0


def test_a_merge_replaces_what_others_use_and_then_deletes_the_old_object(stage: Stage) -> None:
    merged(stage, {"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")}, "first")
    number = stage.open("second", "Replace the group", {"specs/dev/n.yaml": renamed()})
    assert "dev/web" in stage.plan_comment(number).body
    stage.github.merge(stage.name, number, ADMIN)
    told = stage.result(number, "dev").body
    assert "web" in told
    assert "failed" not in told
    ec2 = stage.sandbox.aws.client("ec2")
    found = {each["GroupName"]: each for each in ec2.describe_security_groups()["SecurityGroups"]}
    project = stage.name.rpartition("/")[2]
    assert f"{project}-dev-network" not in found
    (rule,) = found[f"{project}-dev-web"]["IpPermissions"]
    new = found[f"new-{project}-dev-network"]
    assert rule["UserIdGroupPairs"][0]["GroupId"] == new["GroupId"]


def in_regions(text: str, *regions: str) -> str:
    """The stack in these regions."""
    return text.replace("spec:\n", f"spec:\n  regions: [{', '.join(regions)}]\n", 1)


def groups_in(shell: Shell, region: str) -> list[str]:
    found = shell.aws.client("ec2", region).describe_security_groups()
    return sorted(g["GroupName"] for g in found["SecurityGroups"] if g["GroupName"] != "default")


def test_a_stack_is_there_once_in_each_region_and_uses_what_is_in_the_same_one(
    shell: Shell,
) -> None:
    shell.write({"specs/dev/a.yaml": user(), "specs/dev/n.yaml": group("network")})
    shell.applied()
    both = ("us-east-1", "eu-west-1")
    files = {
        "specs/dev/a.yaml": in_regions(user(), *both),
        "specs/dev/n.yaml": in_regions(group("network"), *both),
    }
    shell.write({**files})
    done = shell.applied()
    assert "dev/web@eu-west-1: applied" in done
    assert "inside created" in done
    # The instance that was there gets the stack's new name into its tag, and nothing else.
    here = done[done.index("dev/web@us-east-1 in us-east-1") :]
    changes = [
        line.strip() for line in here.splitlines() if line.lstrip()[:2] in ("~ ", "+ ", "- ")
    ]
    assert [line.partition(" ")[2].partition(" ")[0] for line in changes] == [
        "inside",
        'Tags["gitbot:stack"]:',
    ]
    assert groups_in(shell, "us-east-1") == groups_in(shell, "eu-west-1")
    assert shell.gitbot("plan", "dev", "--detailed-exitcode").returncode == 0
    one = shell.gitbot("plan", "dev", "--destroy", "--stack", "network@eu-west-1")
    assert "`web@eu-west-1` still uses its outputs" in one.stdout, one.stdout + one.stderr
    shell.write({"specs/dev/a.yaml": in_regions(user(), "us-east-1")})
    assert "dev/web@eu-west-1: destroyed" in shell.applied()
    assert groups_in(shell, "eu-west-1") == ["cli-dev-network"]
    assert len(groups_in(shell, "us-east-1")) == 2


def test_a_command_names_the_instance_of_one_region(stage: Stage) -> None:
    files: dict[str, str | None] = {
        "specs/dev/s.yaml": in_regions(group("solo"), "us-east-1", "eu-west-1")
    }
    number = stage.open("regions", "Be in two regions", files)
    body = stage.plan_comment(number).body
    assert "dev/solo@eu-west-1" in body
    assert "dev/solo@us-east-1" in body
    stage.github.comment(stage.name, number, ADMIN, "/apply dev/solo@eu-west-1")
    told = stage.result(number, "dev").body
    assert "solo@eu-west-1" in told
    project = stage.name.rpartition("/")[2]
    here, there = (
        {
            each["GroupName"]
            for each in stage.sandbox.aws.client("ec2", region).describe_security_groups()[
                "SecurityGroups"
            ]
        }
        for region in ("us-east-1", "eu-west-1")
    )
    assert f"{project}-dev-solo" in there
    assert f"{project}-dev-solo" not in here
