"""Tests that what is deployed is what was locked, and that its secrets can be read."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitbot.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ["compose.yaml", "compose.postgres.yaml"]
(DRAIN_S,) = (one.default for one in dataclasses.fields(Settings) if one.name == "drain_s")
UNIT_KEYS = {
    # https://www.freedesktop.org/software/systemd/man/latest/systemd.directives.html
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec"},
    "Service": {
        "Type",
        "User",
        "Group",
        "ExecStart",
        "EnvironmentFile",
        "Environment",
        "LoadCredential",
        "StateDirectory",
        "StateDirectoryMode",
        "Restart",
        "RestartSec",
        "KillMode",
        "TimeoutStopSec",
        "UMask",
        "NoNewPrivileges",
        "CapabilityBoundingSet",
        "ProtectSystem",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectClock",
        "ProtectControlGroups",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "RestrictAddressFamilies",
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "SystemCallArchitectures",
        "SystemCallFilter",
        "SystemCallErrorNumber",
    },
    "Install": {"WantedBy"},
}


def servers(name: str) -> list[dict[str, Any]]:
    """The servers of a Compose file."""
    services = yaml.safe_load((ROOT / "deploy" / name).read_text())["services"]
    return [one for service, one in services.items() if service.startswith("gitbot")]


def read_unit() -> dict[str, dict[str, list[str]]]:
    """The values of each key of the unit, by section."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in (ROOT / "deploy/gitbot.service").read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


def pins(name: str) -> dict[str, str]:
    """The pinned versions of a lock file, by package."""
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, re.MULTILINE))


def test_the_image_installs_only_what_is_locked_by_hash() -> None:
    """The kind: a second install that takes what the registry gives."""
    everything, server = pins("requirements.lock"), pins("requirements-server.lock")
    assert len(server) > 20
    assert server.items() <= everything.items()
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    for install in re.findall(r"pip install ([^\\&\n]*)", dockerfile):
        assert "--require-hashes" in install or "--no-index" in install, install


def test_images_of_others_are_named_by_tag_and_digest() -> None:
    """The kind: a tag that means something else at the next build."""
    files = [*(ROOT / "deploy").glob("*.yaml"), ROOT / "deploy/Dockerfile"]
    text = "\n".join(file.read_text() for file in files)
    images = set(re.findall(r"^(?:FROM| *image:) +(\S+)", text, re.MULTILINE)) - {"gitbot:local"}
    assert {one.partition(":")[0] for one in images} == {"python", "postgres", "caddy"}
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[a-z]+:[0-9][a-z0-9.-]*@sha256:[0-9a-f]{64}", image), image


@pytest.mark.parametrize("name", COMPOSE)
def test_the_owner_that_compose_names_is_the_user_of_the_image(name: str) -> None:
    """The kind: advice that makes a file unreadable for the one who needs it."""
    (user,) = re.findall(r"^USER (\d+)$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    compose = (ROOT / "deploy" / name).read_text()
    files = {secret: file["file"] for secret, file in yaml.safe_load(compose)["secrets"].items()}
    read = [files[one].removeprefix("./") for one in servers(name)[0]["secrets"]]
    assert f"chown {user} {' '.join(read)} && sudo chmod 400 {' '.join(read)}" in compose
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {file.replace("./", "deploy/") for file in files.values()} <= set(ignored)


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_gives_secrets_as_files_and_knows_every_name_that_it_uses(name: str) -> None:
    whole = yaml.safe_load((ROOT / "deploy" / name).read_text())
    secret = {f"GITBOT_{one.name.upper()}": one for one in dataclasses.fields(Settings)}
    for server in servers(name):
        for variable in server["environment"]:
            if variable.startswith("GITBOT_"):
                known = secret[variable.removesuffix("_FILE")]
                assert known.metadata["secret"] == variable.endswith("_FILE"), variable
        files = {v for k, v in server["environment"].items() if k.endswith("_FILE")}
        assert files == {f"/run/secrets/{one}" for one in server["secrets"]}
    for service in whole["services"].values():
        assert set(service.get("secrets", ())) <= set(whole["secrets"])
        assert set(service.get("networks", ())) <= set(whole.get("networks", ()))
        assert set(service.get("depends_on", ())) <= set(whole["services"])
        for volume in service["volumes"]:
            assert volume.startswith("./") or volume.split(":")[0] in whole["volumes"]


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_starts_a_server_again_and_waits_for_its_drain(name: str) -> None:
    for server in servers(name):
        assert server["restart"] == "unless-stopped"  # also after exit code 4
        minutes = int(server["stop_grace_period"].removesuffix("m"))
        assert minutes * 60 > DRAIN_S
        assert server["read_only"]
        assert server["cap_drop"] == ["ALL"]


def test_two_servers_are_behind_caddy_on_a_database_that_only_they_reach() -> None:
    whole = yaml.safe_load((ROOT / "deploy/compose.postgres.yaml").read_text())
    services = whole["services"]
    two = [name for name in services if name.startswith("gitbot")]
    caddy = (ROOT / "deploy/Caddyfile").read_text()
    assert two == ["gitbot-1", "gitbot-2"]
    assert f"reverse_proxy {' '.join(f'{one}:8080' for one in two)} {{" in caddy
    assert "health_uri /readyz" in caddy
    assert whole["networks"]["database"] == {"internal": True}
    inside = {name for name, one in services.items() if "database" in one["networks"]}
    assert inside == {*two, "postgres"}
    assert [name for name, one in services.items() if "ports" in one] == ["caddy"]
    assert services["postgres"]["healthcheck"]["test"][1] == "pg_isready"
    assert "POSTGRES_PASSWORD" not in services["postgres"]["environment"]
    # A folder is of one server.
    assert services["gitbot-1"]["volumes"] != services["gitbot-2"]["volumes"]


def test_systemd_starts_it_again_waits_for_its_drain_and_gives_secrets_as_credentials() -> None:
    unit = read_unit()
    service = unit["Service"]
    assert unit["Unit"]["StartLimitIntervalSec"] == ["0"]
    assert service["Restart"] == ["always"]
    assert int(service["TimeoutStopSec"][0]) > DRAIN_S
    assert service["KillMode"] == ["mixed"]  # or the children of running applies are ended
    given = {one.partition(":")[0] for one in service["LoadCredential"]}
    asked = dict(one.split("=", 1) for one in service["Environment"])
    assert {one for name, one in asked.items() if name.endswith("_FILE")} == {
        f"%d/{one}" for one in given
    }
    assert asked["GITBOT_DATA"] == f"%S/{service['StateDirectory'][0]}"
    known = {f"GITBOT_{one.name.upper()}" for one in dataclasses.fields(Settings)}
    assert {name.removesuffix("_FILE") for name in asked} <= known


def test_systemd_has_no_watchdog_as_nothing_notifies_it() -> None:
    sources = (path.read_text() for path in (ROOT / "gitbot").rglob("*.py"))
    notifies = any("NOTIFY_SOCKET" in one for one in sources)
    assert ("WatchdogSec" in read_unit()["Service"]) == notifies


def test_systemd_knows_every_key() -> None:
    """The kind: a protection with a wrong name, which systemd only warns of."""
    for section, keys in read_unit().items():
        assert keys.keys() <= UNIT_KEYS[section], section
