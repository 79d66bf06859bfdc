"""`ttl`, `expires` and `lifecycle.onExpiry` in the specs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gitbot.language.hashing import rules_hash
from gitbot.model.codec import from_data, to_data
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.expiry import ExpiryRules, Lifetime
from gitbot.model.schema import OnExpiry
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, load_files, whole

HOURS = timedelta(hours=1)
NO_RESOURCES = "  resources: {}\n"
BOX = "  resources: {box: {type: Test::Box, properties: {Name: a}%s}}\n"
PROTECTED = BOX % ", lifecycle: {protect: true}"


def _load(stack: str, ttl: str = "") -> tuple[Environment | None, DesiredStack | None, list[str]]:
    rules = f"{ENVIRONMENT}  ttl: {ttl}\n" if ttl else ENVIRONMENT
    found = load_files({"specs/dev/environment.yaml": rules, "specs/dev/demo.yaml": HEAD + stack})
    said = [f"{one.line}:{one.column} {one.code}: {one.detail}" for one in found.diagnostics]
    stacks = found.stacks
    return found.environments.get("dev"), stacks[0] if stacks else None, said


@pytest.mark.parametrize(
    ("written", "lifetime"),
    [
        ("", None),
        ("  ttl: 72h\n", Lifetime(text="ttl: 72h", ttl=72 * HOURS)),
        ("  ttl: never\n", Lifetime(text="ttl: never")),
        ("  expires: never\n", Lifetime(text="expires: never")),
        (
            "  expires: 2026-12-01T18:00:00+01:00\n",
            Lifetime(
                text="expires: 2026-12-01T18:00:00+01:00",
                at=datetime(2026, 12, 1, 17, tzinfo=UTC),
            ),
        ),
    ],
)
def test_what_a_stack_says_about_its_end(written: str, lifetime: Lifetime | None) -> None:
    stack = whole(written + NO_RESOURCES)
    assert stack.lifetime == lifetime
    assert not stack.promote
    assert from_data(to_data(stack), DesiredStack) == stack


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("{}", ExpiryRules()),
        (
            "{default: 7d, max: 30d, extensions: 2, warn: [2h, 48h, 2h], grace: 0s, except: [a, b]}",
            ExpiryRules(
                default=168 * HOURS,
                longest=720 * HOURS,
                extensions=2,
                warn=(48 * HOURS, 2 * HOURS),
                grace=timedelta(0),
                exempt=frozenset({"a", "b"}),
            ),
        ),
    ],
)
def test_what_an_environment_says_about_expiry(written: str, rules: ExpiryRules) -> None:
    environment, _, said = _load(NO_RESOURCES, written)
    assert said == []
    assert environment is not None
    assert environment.expiry == rules
    assert from_data(to_data(environment), Environment) == environment
    plain, _, _ = _load(NO_RESOURCES)
    assert plain is not None
    assert plain.expiry is None
    assert rules_hash(environment) != rules_hash(plain)


@pytest.mark.parametrize(
    ("stack", "ttl", "said"),
    [
        pytest.param(
            "  ttl: 3x\n" + NO_RESOURCES,
            "",
            '5:8 bad-value: spec.ttl must be a duration such as "30m", "72h" or "1d12h", or "never". '
            '"3x" is not a duration.',
            id="no duration",
        ),
        pytest.param(
            "  ttl: 5m\n" + NO_RESOURCES,
            "",
            '5:8 bad-value: spec.ttl must be a duration such as "30m", "72h" or "1d12h", or "never". '
            '"5m" is too short.',
            id="a duration that nobody means",
        ),
        pytest.param(
            "  expires: 2026-12-01T18:00:00\n" + NO_RESOURCES,
            "",
            "5:31 bad-value: spec.expires must be a time with its offset such as "
            '2026-12-01T18:00:00+01:00, or "never". "2026-12-01T18:00:00" does not say in which time '
            "zone.",
            id="no offset",
        ),
        pytest.param(
            "  ttl: 72h\n  expires: never\n" + NO_RESOURCES,
            "",
            "6:12 bad-expiry: The stack gives both ttl and expires.",
            id="both",
        ),
        pytest.param(
            "  expires: never\n" + NO_RESOURCES,
            "{default: 7d}",
            "5:12 bad-expiry: expires: never, but the environment's ttl.except does not name "
            '"demo".',
            id="never outside of except",
        ),
        pytest.param(
            "  ttl: 31d\n" + NO_RESOURCES,
            "{max: 30d}",
            "5:8 bad-expiry: ttl: 31d is longer than the environment allows (spec.ttl.max: 30d).",
            id="over the maximum",
        ),
        pytest.param(
            "  ttl: 3d\n" + PROTECTED,
            "",
            "6:82 bad-expiry: box is protected, but its stack expires (ttl: 3d).",
            id="protected, with a ttl of its own",
        ),
        pytest.param(
            PROTECTED,
            "{max: 3d}",
            "5:82 bad-expiry: box is protected, but its stack expires (spec.ttl of environment.yaml).",
            id="protected, with the environment's",
        ),
        pytest.param(
            NO_RESOURCES,
            "{default: 7d, max: 3d}",
            "9:18 bad-expiry: spec.ttl.default is longer than spec.ttl.max (3d).",
            id="a default over the maximum",
        ),
        pytest.param(
            NO_RESOURCES,
            "{warn: []}",
            "9:15 bad-expiry: spec.ttl.warn is empty, but nothing is destroyed without a warning.",
            id="no warning at all",
        ),
        pytest.param(
            BOX % ", lifecycle: {onExpiry: maybe}",
            "",
            "5:83 bad-value: spec.resources.box.lifecycle.onExpiry must be one of keep, delete; this "
            'is "maybe".',
            id="neither kept nor deleted",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(stack: str, ttl: str, said: str) -> None:
    assert _load(stack, ttl)[2] == [said]


@pytest.mark.parametrize(
    ("stack", "ttl"),
    [
        pytest.param("  expires: never\n" + PROTECTED, "{max: 9d, except: [demo]}", id="excepted"),
        pytest.param("  ttl: never\n" + PROTECTED, "{grace: 1h}", id="nothing makes it expire"),
        pytest.param("  ttl: 90d\n" + NO_RESOURCES, "{max: 9d, except: [demo]}", id="longer"),
        pytest.param("  ttl: 9d\n" + NO_RESOURCES, "{max: 9d}", id="as long as allowed"),
        pytest.param("  expires: never\n" + PROTECTED, "", id="no rules"),
    ],
)
def test_what_fits_together(stack: str, ttl: str) -> None:
    assert _load(stack, ttl)[2] == []


def test_the_hash_holds_the_text_and_stays_as_it_was_without_one() -> None:
    hashes = [
        whole(written + BOX % lifecycle).hash
        for written, lifecycle in [
            ("", ""),
            ("  ttl: 72h\n", ""),
            ("  ttl: 3d\n", ""),
            ("", ", lifecycle: {onExpiry: keep}"),
            ("", ", lifecycle: {onExpiry: delete}"),
        ]
    ]
    assert len(set(hashes)) == len(hashes)
    assert hashes[0] == whole("  promote: true\n" + BOX % "").hash
    stack = whole(BOX % ", lifecycle: {onExpiry: keep}")
    assert stack.resources["box"].lifecycle.on_expiry is OnExpiry.KEEP  # type: ignore[index]
