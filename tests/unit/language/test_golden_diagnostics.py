"""Each diagnostic's words and position, held by a file below ``tests/cases/diagnostics``.

A file has the specs, and last what ``gitbot validate`` says of them. ``WRITE_GOLDEN=1`` writes the last part
anew: read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gitbot.adapters.loader.deaths import DiedError, diagnostic_of
from gitbot.decisions.lookups import refusal
from gitbot.errors import CloudError
from gitbot.language.codes import SUMMARIES
from gitbot.language.load import load_tree
from gitbot.language.secret_listing import unreadable_secrets
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.lookups import Unanswered
from gitbot.model.schema import Route
from gitbot.model.secret_references import SecretProblem
from gitbot.model.tree import EntryKind, TreeEntry
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.render.terminal import diagnostic_lines
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, TYPES, box, tree

FOLDER = Path(__file__).parents[2] / "cases" / "diagnostics"
PATHS = sorted(FOLDER.glob("*.txt"))
SAYS = "says"
_PART = re.compile(r"^=== (.+)\n", re.MULTILINE)

Files = dict[str, "str | bytes | TreeEntry"]
DEV: Files = {"specs/dev/environment.yaml": ENVIRONMENT}
STACK = HEAD + box("Name: a")


def _big() -> Files:
    return {**DEV, "specs/dev/demo.yaml": f"{STACK}# {'x' * 1024**2}\n"}


def _many_files() -> Files:
    return {**DEV, **{f"specs/dev/{n}.yaml": "" for n in range(2001)}}


def _large_values() -> Files:
    ten = f"[{', '.join('1' * 10)}]"
    made = f"{ten}.map(a, {ten}.map(b, {ten}.map(c, {ten}.map(d, '{'y' * 100}'))))"
    outputs = "".join(f'    o{n}: "${{{made}}}"\n' for n in range(7))
    return {**DEV, "specs/dev/demo.yaml": f"{HEAD}  resources: {{}}\n  outputs:\n{outputs}"}


def _many_secrets() -> Files:
    values = ", ".join(f"value-{n:04}" for n in range(501))
    variable = f"  variables: {{t: {{type: list, sensitive: true, default: [{values}]}}}}\n"
    return {**DEV, "specs/dev/demo.yaml": f"{HEAD}{variable}  resources: {{}}\n"}


# What no text file holds, or only a very long one.
MADE: dict[str, Callable[[], Files]] = {
    "bad-path": lambda: {**DEV, "specs/dev/a\\xff.yaml": STACK},
    "file-too-large": _big,
    "not-a-file": lambda: {
        **DEV,
        "specs/dev/demo.yaml": TreeEntry(kind=EntryKind.SYMLINK, content=b"/etc/passwd"),
    },
    "not-utf8": lambda: {**DEV, "specs/dev/demo.yaml": b"kind: \xff\xfe\n"},
    "too-many-files": _many_files,
    "too-many-secrets": _many_secrets,
    "values-too-large": _large_values,
}
UNREADABLE = {
    "ssm:/dev/token": SecretProblem(
        detail="SSM has no parameter /dev/token.", fix="Make it, or correct its name."
    )
}
DIED = {
    "loader-limit": "took longer than 20 s",
    "loader-failed": "ended with status 3",
    "loader-skipped": "",
}

# What the cloud answered to the one lookup of the specs.
ANSWERED = {
    "lookup-not-found": CloudError(
        "there is no AWS::EC2::VPC that fits and that the environment lists.",
        code=Unanswered.NOT_FOUND,
    ),
    "lookup-ambiguous": CloudError(
        "2 objects of AWS::EC2::VPC fit: vpc-1, vpc-2.", code=Unanswered.AMBIGUOUS
    ),
    "lookup-secret": CloudError(
        "AWS::SSM::Parameter /app/key is a SecureString, which no lookup reads.",
        code=Unanswered.SECRET,
    ),
    "lookup-failed": CloudError("ec2:DescribeVpcs was refused.", code="UnauthorizedOperation"),
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return open_catalog()


def parts(text: str) -> dict[str, str]:
    """The texts of a file, by the name above each."""
    _, *rest = _PART.split(text)
    return dict(zip(rest[::2], rest[1::2], strict=True))


def found(code: str, files: dict[str, str], catalog: Catalog) -> tuple[Diagnostic, ...]:
    if code in DIED:
        return (diagnostic_of(DiedError(code, DIED[code]), "specs/dev/demo.yaml", "dev"),)
    given: Files = MADE[code]() if code in MADE else {**files}
    loaded = load_tree(
        tree(given),
        lambda name: TYPES.get(name) or catalog.lookup(name),
        lambda: tuple(sorted({*TYPES, *catalog.names()})),
        lambda: tuple(n for n, one in TYPES.items() if one.route is Route.NATIVE),
        catalog.lookup_kind,
        catalog.lookup_names,
    )
    if code in ANSWERED:
        assert loaded.diagnostics == ()
        (stack,) = loaded.stacks
        (lookup,) = stack.lookups.values()
        return (refusal(stack, lookup, ANSWERED[code]),)
    if code == "secret-unreadable":
        return unreadable_secrets(loaded.stacks[0], UNREADABLE)
    return loaded.diagnostics


def said(code: str, diagnostics: tuple[Diagnostic, ...]) -> str:
    """What is said of the code, and how many others there are."""
    own = [one for one in diagnostics if one.code == code]
    lines = [line.text for line in diagnostic_lines(own)[:-1]]
    others = Counter(one.code for one in diagnostics if one.code != code)
    lines += [f"and {count} of {other}" for other, count in sorted(others.items())]
    return "".join(f"{line}\n" for line in lines)


def test_every_code_has_its_file() -> None:
    assert {path.stem for path in PATHS} == set(SUMMARIES)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_diagnostic_says_what_its_file_holds(path: Path, catalog: Catalog) -> None:
    files = parts(path.read_text())
    expected = files.pop(SAYS, "")
    diagnostics = found(path.stem, files, catalog)
    assert path.stem in {one.code for one in diagnostics}
    words = said(path.stem, diagnostics)
    if os.environ.get("WRITE_GOLDEN"):
        text = "".join(f"=== {name}\n{content}" for name, content in files.items())
        path.write_text(f"{text}=== {SAYS}\n{words}")
        expected = words
    assert words == expected
