"""What an editor is told of a place in a spec, also while the text is half written."""

from __future__ import annotations

import pytest

from gitbot.language.writing.completion import offers
from gitbot.language.writing.cursor import cursor_at, typed_chain, typed_path
from gitbot.language.writing.meaning import Reader, Surroundings
from gitbot.language.writing.outline import Outline, kind_of, text_at
from gitbot.model.explained import Explained
from gitbot.providers.aws.catalog import open_catalog

HOME = """apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec:
  region: us-east-1
  variables: {project: acme, flag: true}
"""
MODULE = """apiVersion: gitbot/v1
kind: Module
metadata: {name: box, description: A box of files}
spec:
  variables:
    name: {type: string, pattern: "[a-z]+", enum: [a, b], check: {that: "${value != ''}", says: not empty}}
    days: {type: number, default: 30, description: how long}
    key: {type: string, sensitive: true, default: hidden}
  resources: {}
  outputs:
    arn: {value: "${bucket.Arn}", description: its ARN}
    plain: ${bucket.Arn}
"""
STACK = """apiVersion: gitbot/v1
kind: Stack
metadata: {name: one}
spec:
  variables:
    my_ip: {type: cidr, description: the only address}
  locals:
    both: ${env.project}
  lookups:
    image: {type: AWS::EC2::Image, filter: {}}
    old: {type: AWS::S3::Bucket}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      lifecycle: {dependsOn: [files]}
      properties:
        GroupDescription: x
        SecurityGroupIngress:
          - {IpProtocol: tcp, CidrIp: "${vars.my_ip}"}
    files:
      module: modules/box@v1
      values: {name: "a"}
    many:
      type: AWS::S3::Bucket
      forEach: [a, b]
      properties: {BucketName: "${each.key}"}
    boxes:
      module: modules/box
      forEach: {a: {}}
      values: {name: "${each.key}", key: k}
    odd: {type: A::B::C, properties: {Name: x}}
    odder: 3
  outputs:
    group: ${ssh.GroupId}
    arn: ${files.arn}
    many: ${many["a"].Arn}
    boxed: ${boxes["a"].arn}
"""
NETWORK = """kind: Stack
metadata: {name: network}
spec:
  outputs: {vpc: {value: x, description: its VPC}, cidr: y}
"""
TEMPLATE = """Description: a network
Parameters: {Cidr: {Type: String, Description: its range}}
Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Cidr}}}
Outputs: {Id: {Value: !Ref Vpc}}
"""
CATALOG = open_catalog()


class World:
    """A file in its repository."""

    def __init__(self, text: str = STACK, path: str = "specs/dev/one.yaml") -> None:
        files = {
            "specs/dev/environment.yaml": HOME,
            "modules/box/module.yaml": MODULE,
            "modules/empty/module.yaml": "",
            "templates/net.yaml": TEMPLATE,
            "specs/dev/net.yaml": NETWORK,
        }
        around = Surroundings(
            outline_of=lambda name: Outline.of(name, files[name]) if name in files else None,
            lookup=CATALOG.lookup,
            prose=CATALOG.prose,
            type_names=CATALOG.native_names,
            modules=lambda: ["gitbot/none", "modules/box"],
            files_of=lambda name: [one for one in files if one.startswith(f"specs/{name}/")],
        )
        self.text = text
        self.lines = text.split("\n")
        outline = Outline.of(path, text, Outline.of(path, STACK))
        self.reader = Reader(around=around, outline=outline, document=outline.documents[0])

    def position(self, word: str, into: int) -> tuple[int, int]:
        before = self.text[: self.text.index(word) + into]
        return before.count("\n"), len(before) - (before.rfind("\n") + 1)

    def explained(self, word: str, into: int = 1) -> Explained | None:
        line, column = self.position(word, into)
        return self.reader.meaning(cursor_at(self.lines, line, column)).explained

    def place(self, word: str, into: int = 1) -> str | None:
        line, column = self.position(word, into)
        found = self.reader.meaning(cursor_at(self.lines, line, column)).place
        return None if found is None else f"{found.file}:{found.line}"

    def offered(self, word: str) -> set[str]:
        """What is offered behind the word."""
        line, column = self.position(word, len(word))
        cursor = cursor_at(self.lines, line, column)
        return {one.name for one in offers(self.reader, self.lines, line, column, cursor)}


@pytest.mark.parametrize(
    ("word", "into", "name", "says"),
    [
        ("AWS::EC2::SecurityGroup", 4, "AWS::EC2::SecurityGroup", "aws-resource-ec2-securitygroup.html"),
        ("GroupDescription", 3, "AWS::EC2::SecurityGroup.GroupDescription", "replaces the object"),
        ("CidrIp", 2, "AWS::EC2::SecurityGroup.SecurityGroupIngress.CidrIp", ""),
        ("IpProtocol", 2, "AWS::EC2::SecurityGroup.SecurityGroupIngress.IpProtocol", ""),
        ("vars.my_ip", 7, "vars.my_ip", "the only address"),
        ("both:", 1, "Stack.spec.locals", "Values with a name"),
        ("env.project", 6, "env.project", "`acme`"),
        ("modules/box@v1", 3, "modules/box@v1", "A box of files"),
        ('name: "a"', 1, "modules/box@v1.name", "It matches the pattern `[a-z]+`."),
        ("key: k", 1, "modules/box.key", "sensitive"),
        ("files.arn", 7, "modules/box@v1.arn", "its ARN"),
        ("${files.arn", 3, "modules/box@v1", "A box of files"),
        ("${ssh.GroupId", 3, "AWS::EC2::SecurityGroup", ""),
        ("ssh.GroupId", 6, "AWS::EC2::SecurityGroup.GroupId", "Only the cloud gives it"),
        ('many["a"].Arn', 11, "AWS::S3::Bucket.Arn", "Only the cloud gives it"),
        ('boxes["a"].arn', 12, "modules/box.arn", "its ARN"),
        ("[files]", 2, "modules/box@v1", "A box of files"),
        ("lifecycle", 2, "Stack.spec.resources.lifecycle", "How changes"),
        ("metadata", 1, "Stack.metadata", "name"),
    ],
)  # fmt: skip
def test_what_stands_at_a_place(word: str, into: int, name: str, says: str) -> None:
    found = World().explained(word, into)
    assert found is not None
    assert found.name == name
    assert says in " ".join((found.text, found.see, *found.facts))
    assert "hidden" not in str(found)


@pytest.mark.parametrize(
    ("text", "word", "into"),
    [
        (STACK, "A::B::C", 2),
        (STACK, "Name: x", 1),
        (STACK.replace("files.arn", "nothing.arn"), "nothing.arn", 2),
        (STACK.replace("files.arn", "vars.nothing"), "vars.nothing", 7),
        (STACK.replace("files.arn", "env.nothing"), "env.nothing", 6),
        (STACK.replace("modules/box@v1", "modules/none"), "modules/none", 3),
        (STACK.replace("modules/box@v1", "modules/empty"), "modules/empty", 3),
        (STACK.replace("modules/box@v1", "modules/none"), "files.arn", 7),
        (STACK.replace("GroupDescription", "GroupDescriptio"), "GroupDescriptio", 3),
        (STACK.replace("lifecycle", "lifecycles"), "lifecycles", 3),
        (STACK.replace("kind: Stack", "kind: Other"), "lifecycle", 3),
    ],
)
def test_what_nobody_knows_is_not_explained(text: str, word: str, into: int) -> None:
    assert World(text).explained(word, into) is None


@pytest.mark.parametrize(
    ("word", "into", "place"),
    [
        ("vars.my_ip", 7, "specs/dev/one.yaml:6"),
        ("env.project", 6, "specs/dev/environment.yaml:6"),
        ("${ssh.GroupId", 3, "specs/dev/one.yaml:13"),
        ("ssh.GroupId", 6, "specs/dev/one.yaml:13"),
        ("files.arn", 7, "modules/box/module.yaml:11"),
        ("modules/box@v1", 3, "modules/box/module.yaml:1"),
        ("[files]", 2, "specs/dev/one.yaml:20"),
        ("AWS::EC2::SecurityGroup", 4, None),
    ],
)
def test_where_it_is_declared(word: str, into: int, place: str | None) -> None:
    assert World().place(word, into) == place


def test_lookups_and_other_stacks() -> None:
    text = STACK.replace("${files.arn}", '${stacks["network"].outputs.vpc}')
    world = World(text.replace("${ssh.GroupId}", "${lookups.old.Arn}"))
    vpc = 'stacks["network"].outputs.vpc'
    assert world.place(vpc, len(vpc)) == "specs/dev/net.yaml:4"
    assert world.place(vpc, 9) == "specs/dev/net.yaml:2"
    found = world.explained(vpc, len(vpc))
    assert found is not None
    assert found.text == "its VPC"
    assert world.place("lookups.old.Arn", 9) == "specs/dev/one.yaml:11"
    arn = world.explained("lookups.old.Arn", 13)
    assert arn is not None
    assert arn.name == "AWS::S3::Bucket.Arn"
    assert "Arn" in typed("${files.arn}", "${lookups.old.}").offered("arn: ${lookups.old.")
    lonely = World(STACK.replace("${files.arn}", '${stacks["none"].outputs.x}'))
    assert lonely.place('stacks["none"]', 9) is None


def test_a_template_is_a_module_too() -> None:
    world = World(STACK.replace("modules/box@v1", "templates/net.yaml"))
    found = world.explained("templates/net", 3)
    assert found is not None
    assert (found.text, found.gives) == ("a network", ("Id",))
    assert [(one.name, one.kind, one.required) for one in found.below] == [("Cidr", "String", True)]
    assert world.place("templates/net", 3) == "templates/net.yaml:1"
    assert (
        typed('values: {name: "a"}', "values: {").reader.module("templates/none.yaml").place is None
    )


def test_names_of_the_environment_itself() -> None:
    world = World(
        STACK.replace("${files.arn}", "${env.region}").replace("${ssh.GroupId}", "${env.name}")
    )
    assert world.place("env.region", 6) == "specs/dev/environment.yaml:5"
    assert world.place("env.name", 6) == "specs/dev/environment.yaml:3"
    lonely = World(STACK, "specs/lab/one.yaml")
    assert lonely.explained("env.project", 6) is None
    flag = World(STACK.replace("${files.arn}", "${env.flag}")).explained("env.flag", 6)
    assert flag is not None
    assert flag.text == "`true`"


def typed(before: str, after: str) -> World:
    assert before in STACK
    return World(STACK.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after", "word", "found"),
    [
        ("${files.arn}", "${vars.}", "arn: ${vars.", {"my_ip"}),
        ("${files.arn}", "${locals.b", "arn: ${locals.b", {"both"}),
        ("${files.arn}", "${env.}", "arn: ${env.", {"name", "region", "account", "project", "flag"}),
        ("${files.arn}", "${stack.}", "arn: ${stack.", {"name", "labels"}),
        ("${files.arn}", "${lookups.}", "arn: ${lookups.", {"image", "old"}),
        ("${files.arn}", '${stacks["network"].}', 'arn: ${stacks["network"].', {"outputs"}),
        ("${files.arn}", '${stacks["network"].outputs.}', 'arn: ${stacks["network"].outputs.', {"vpc", "cidr"}),
        ("${files.arn}", "${stacks.}", "arn: ${stacks.", set()),
        ("${files.arn}", "${each.}", "arn: ${each.", {"key", "value"}),
        ("${files.arn}", "${files.}", "arn: ${files.", {"arn", "plain"}),
        ("${files.arn}", "${files.arn.}", "arn: ${files.arn.", set()),
        ("${files.arn}", "${boxes.}", "arn: ${boxes.", set()),
        ("${files.arn}", '${boxes["a"].}', 'arn: ${boxes["a"].', {"arn", "plain"}),
        ("${files.arn}", "${odd.}", "arn: ${odd.", set()),
        ("${files.arn}", "${none.}", "arn: ${none.", set()),
        ("module: modules/box@v1", "module: ", "module: ", {"gitbot/none", "modules/box"}),
        ('values: {name: "a"}', "values: {d", "values: {d", {"days", "key"}),
        ("metadata: {name: one}", "metadata: {name: one, }", "name: one, ", {"labels", "moved"}),
        ("locals:", "nothing:", "nothing:", set()),
        ("\n  locals:", "\nx\n  locals:", "\nx", set()),
        ("files:\n", "fi\n    files:\n", "    fi", set()),
    ],
)  # fmt: skip
def test_what_is_offered(before: str, after: str, word: str, found: set[str]) -> None:
    assert typed(before, after).offered(word) == found


@pytest.mark.parametrize(
    ("before", "after", "word", "some"),
    [
        ("${files.arn}", "${}", "arn: ${", {"vars", "env", "stack", "locals", "ssh", "many", "json"}),
        ("${each.key}", "${}", 'BucketName: "${', {"each", "vars"}),
        ("${files.arn}", "${ssh.}", "arn: ${ssh.", {"GroupId", "GroupDescription"}),
        ("${files.arn}", '${many["a"].}', 'arn: ${many["a"].', {"Arn", "BucketName"}),
        ("type: AWS::EC2::SecurityGroup", "type: ", "type: ", {"AWS::S3::Bucket"}),
        ("        GroupDescription: x\n", "        Gr\n", "        Gr", {"GroupDescription", "GroupName"}),
        ("- {IpProtocol: tcp, ", "- {IpProtocol: tcp, F", "tcp, F", {"FromPort", "ToPort"}),
        ("      lifecycle:", "      of\n      lifecycle:", "      of", {"offhours", "when"}),
        ("  locals:\n", "  tt\n  locals:\n", "\n  tt", {"ttl", "promote"}),
    ],
)  # fmt: skip
def test_what_is_offered_among_others(before: str, after: str, word: str, some: set[str]) -> None:
    assert some <= typed(before, after).offered(word)
    assert "" not in typed(before, after).offered(word)


def test_the_top_of_a_document_and_a_module() -> None:
    assert World("kind: Stack\nme\n").offered("\nme") == {"metadata"}
    module = World(MODULE.replace("${bucket.Arn}", "${env.}", 1), "modules/box/module.yaml")
    assert module.offered("${env.") == {"name", "region", "account"}


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("a: ${vars.my", ("vars", "my")),
        ("a: ${vars.", ("vars", "")),
        ("a: ${", ("",)),
        ("a: ${x + ", ("",)),
        ('a: ${m["k"].', ("m", "k", "")),
        ("a: ${m['k']", ("m", "k", "")),
        ("a: ${x} b", None),
        ("a: $${x", None),
        ("a: x", None),
    ],
)
def test_the_chain_that_is_typed(text: str, chain: tuple[str, ...] | None) -> None:
    assert typed_chain(text, len(text)) == chain


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a:\n  b:\n    c", ("a", "b")),
        ("a:\n  - b: 1\n    c", ("a",)),
        ("a:\n- b: 1\n  c", ("a",)),
        ("a:\n  # x: 1\n  c", ("a",)),
        ("a:\n  b: {c: {d: 1}, e", ("a", "b")),
        ("a:\n  b: {c: {d: 1, e", ("a", "b", "c")),
        ("a:\n  b: [{c: 1}, {d", ("a", "b")),
        ("a: 1\n--- # b\nc", ()),
        ("a: some words", None),
    ],
)
def test_the_path_of_a_key_that_is_typed(text: str, path: tuple[str, ...] | None) -> None:
    lines = text.split("\n")
    assert typed_path(lines, len(lines) - 1, len(lines[-1])) == path


def test_a_place_behind_the_text_and_words() -> None:
    beyond = cursor_at(["a: 1"], 5, 0)
    assert (beyond.path, beyond.chain, beyond.word) == ((), None, "")
    assert cursor_at(["a: ${x + 1}"], 0, 8).chain == ()
    assert cursor_at(["a: $${x}"], 0, 7).chain is None
    assert typed_path(["a: 1"], 3, 0) == ()


def test_an_outline_stays_while_the_text_cannot_be_read() -> None:
    good = Outline.of("a", "kind: Stack\n---\nkind: Module\n")
    assert Outline.of("a", "kind: [", good) is good
    assert Outline.of("a", "kind: [").documents == ()
    assert kind_of(good.document(0)) == "Stack"
    assert kind_of(good.document(2)) == "Module"
    assert kind_of(None) == ""
    assert text_at(good.document(0), "spec") == ""
    document = good.document(0)
    assert document is not None
    assert good.place(document, "kind", "x") is None
