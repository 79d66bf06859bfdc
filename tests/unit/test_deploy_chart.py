"""Tests of the Helm chart: its values, and the manifests that they make."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema
import pytest
import yaml

from gitbot.settings import Settings
from tests.unit.chart import CHART, rendered, with_defaults

LEAST = {
    "image": "registry.acme.com/gitbot:0.1.0",
    "repositories": "acme/ml-platform,acme/models",
    "githubAppId": "12345",
    "secretName": "gitbot",
}
ALL = {
    **LEAST,
    "databaseDirect": True,
    "clientSecret": True,
    "stateKey": True,
    "drainSeconds": 900,
    "imagePullSecrets": [{"name": "registry"}],
    "settings": [{"name": "AWS_REGION", "value": "eu-west-1"}],
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/bot"}},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "gitbot.acme.com",
        "tlsSecretName": "cert",
    },
    "networkPolicy": {"from": [{"namespaceSelector": {}}]},
}
SECRETS = {
    "app_key",
    "webhook_secret",
    "hash_key",
    "database",
    "database_direct",
    "client_secret",
    "state_key",
}


def schema() -> dict[str, Any]:
    """The schema of the values."""
    found: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(found)
    return found


def pod(values: dict[str, Any]) -> dict[str, Any]:
    """The pod of the Deployment."""
    found: dict[str, Any] = rendered(values)["Deployment"]["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("values", [LEAST, ALL])
def test_the_schema_takes_what_the_documentation_gives(values: dict[str, Any]) -> None:
    jsonschema.validate(with_defaults(values), schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {"image": ""},
        {"image": "gitbot"},
        {"githubAppId": 12345},
        {"repositories": "acme"},
        {"secretName": ""},
        {"replicas": 0},
        {"replica": 2},
        {"settings": [{"name": "GITBOT_WEBHOOK_SECRET", "value": "s"}]},
        {"settings": [{"name": "AWS_SECRET_ACCESS_KEY", "value": "s"}]},
        {"ingress": {"enabled": True}},
        {"drainSeconds": "600"},
    ],
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(with_defaults({**LEAST, **wrong}), schema())


def test_every_value_is_in_the_schema_and_every_setting_can_be_set_and_is_no_secret() -> None:
    properties = schema()["properties"]
    assert set(properties) - {"global"} == set(yaml.safe_load((CHART / "values.yaml").read_text()))
    plain = {
        f"GITBOT_{one.name.upper()}"
        for one in dataclasses.fields(Settings)
        if not one.metadata["secret"]
    }
    mine = {one["name"] for one in pod(LEAST)["containers"][0]["env"]} | {"GITBOT_CALENDAR"}
    names = properties["settings"]["items"]["properties"]["name"]["enum"]
    settable = {one for one in names if not one.startswith("OTEL_")}
    assert settable == (plain - mine) | {"AWS_REGION"}


def test_secrets_are_files_and_no_value_of_the_environment() -> None:
    found = pod(ALL)
    (container,) = found["containers"]
    secret = {one.name for one in dataclasses.fields(Settings) if one.metadata["secret"]}
    names = {one["name"]: one["value"] for one in container["env"]}
    assert len(names) == len(container["env"])
    assert not names.keys() & {f"GITBOT_{one.upper()}" for one in secret}
    files = {value for name, value in names.items() if name.endswith("_FILE")}
    (mount,) = [one for one in container["volumeMounts"] if one["name"] == "secrets"]
    assert files == {f"{mount['mountPath']}/{one}" for one in SECRETS}
    (volume,) = [one for one in found["volumes"] if one["name"] == "secrets"]
    assert volume["secret"] == {"secretName": "gitbot", "defaultMode": 0o440}
    assert "Secret" not in rendered(ALL)
    assert "GITBOT_DATABASE_DIRECT_FILE" not in str(pod(LEAST))


def test_every_variable_of_the_pod_is_known_and_text() -> None:
    known = {f"GITBOT_{one.name.upper()}" for one in dataclasses.fields(Settings)} | {"AWS_REGION"}
    for one in pod(ALL)["containers"][0]["env"]:
        assert one["name"].removesuffix("_FILE") in known
        assert isinstance(one["value"], str)


def test_the_pod_has_no_rights_and_writes_only_where_nothing_must_last() -> None:
    found = pod(LEAST)
    (container,) = found["containers"]
    assert found["securityContext"]["runAsNonRoot"] is True
    user = found["securityContext"]["runAsUser"]
    assert f"\nUSER {user}\n" in (CHART.parent / "Dockerfile").read_text()
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert found["automountServiceAccountToken"] is False
    writable = {one["name"] for one in container["volumeMounts"] if not one.get("readOnly")}
    assert writable == {one["name"] for one in found["volumes"] if "emptyDir" in one}
    (data,) = [one["value"] for one in container["env"] if one["name"] == "GITBOT_DATA"]
    assert data.startswith("/data/")


def test_probes_ask_what_they_are_for_and_a_stopping_pod_outlives_its_drain() -> None:
    found = pod(ALL)
    (container,) = found["containers"]
    paths = {
        kind: container[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    drain = {one["name"]: one["value"] for one in container["env"]}["GITBOT_DRAIN_S"]
    assert found["terminationGracePeriodSeconds"] == int(drain) + 60 == 960
    assert container["resources"]["requests"]
    assert container["resources"]["limits"]


def test_all_that_select_pods_select_those_of_the_release() -> None:
    found = rendered(ALL)
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert found["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert found["Service"]["spec"]["selector"] == labels
    assert found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert labels["app.kubernetes.io/instance"] == "bot"
    assert {one["metadata"]["name"] for one in found.values()} == {"bot"}
    assert found["Deployment"]["spec"]["template"]["spec"]["serviceAccountName"] == "bot"
    assert (
        found["ServiceAccount"]["metadata"]["annotations"] == ALL["serviceAccount"]["annotations"]
    )  # type: ignore[index]


def test_the_ingress_passes_deliveries_and_the_api_only_and_is_there_when_asked_for() -> None:
    spec = rendered(ALL)["Ingress"]["spec"]
    (rule,) = spec["rules"]
    paths = [(path["path"], path["pathType"]) for path in rule["http"]["paths"]]
    assert rule["host"] == "gitbot.acme.com"
    assert paths == [("/webhook", "Exact"), ("/api", "Prefix")]
    assert spec["tls"] == [{"hosts": ["gitbot.acme.com"], "secretName": "cert"}]
    assert "Ingress" not in rendered(LEAST)


def test_the_network_policy_limits_both_ways_and_can_be_left_out() -> None:
    spec = rendered(ALL)["NetworkPolicy"]["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    rules = {one["ports"][0]["port"]: one["from"] for one in spec["ingress"]}
    assert rules == {8080: [{"namespaceSelector": {}}], 9090: []}
    ports = {port["port"] for one in spec["egress"] for port in one["ports"]}
    assert ports == {53, 443, 5432, 80}
    assert "NetworkPolicy" not in rendered({**LEAST, "networkPolicy": {"enabled": False}})


def test_metrics_have_a_port_of_their_own_which_no_service_has() -> None:
    found = rendered(ALL)
    (container,) = pod(ALL)["containers"]
    listen = {one["name"]: one["value"] for one in container["env"]}["GITBOT_METRICS_LISTEN"]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    annotations = found["Deployment"]["spec"]["template"]["metadata"]["annotations"]
    assert listen == f"0.0.0.0:{ports['metrics']}"
    assert annotations["prometheus.io/port"] == str(ports["metrics"])
    assert [one["targetPort"] for one in found["Service"]["spec"]["ports"]] == ["http"]
    assert "9090" not in str(rendered({**LEAST, "metrics": {"enabled": False}}))
