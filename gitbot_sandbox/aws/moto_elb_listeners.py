"""Make moto's listeners and rules of load balancers refuse, keep and show what AWS does. Shell.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from gitbot_sandbox.aws.moto_patch import by_name, wrap
from gitbot_sandbox.aws.tag_index import index

_SIGN_IN = {
    "Scope": "openid",
    "SessionCookieName": "AWSELBAuthSessionCookie",
    "SessionTimeout": 604800,
    "OnUnauthenticatedRequest": "authenticate",
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "RedirectConfig": {
        "Protocol": "#{protocol}",
        "Port": "#{port}",
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
    },
    "AuthenticateCognitoConfig": _SIGN_IN,
    "AuthenticateOidcConfig": _SIGN_IN,
    "ForwardConfig": {"TargetGroupStickinessConfig": {"Enabled": False}},
}
_SECRETS = ("ClientSecret", "UseExistingClientSecret")
_KEPT = {"AlpnPolicy": "alpn_policy", "MutualAuthentication": "mutual_authentication"}
_ENCRYPTED = ("HTTPS", "TLS")


def patch() -> None:
    """Make all patches of this module."""
    from moto.elbv2.models import ELBv2Backend as Backend
    from moto.elbv2.models import FakeAction, elbv2_backends
    from moto.elbv2.responses import ELBV2Response as Response

    wrap(FakeAction, "__init__", _filled)
    wrap(Backend, "create_listener", _one_of_a_port)
    wrap(Backend, "describe_listeners", _all_there)
    wrap(Backend, "modify_listener", _of_any_protocol)
    wrap(Backend, "delete_listener", _with_tags)
    wrap(Backend, "create_rule", _with_orders)
    wrap(Backend, "modify_rule", _with_orders)
    wrap(Backend, "delete_rule", _if_there)
    wrap(Backend, "set_rule_priorities", _unless_its_own)
    wrap(Response, "create_listener", _keeping)
    wrap(Response, "modify_listener", _keeping)
    index(elbv2_backends, "elasticloadbalancing:listener", _listeners)
    index(elbv2_backends, "elasticloadbalancing:listener-rule", _rules)


def _refusal(message: str) -> Exception:
    from moto.elbv2.exceptions import ELBClientError

    return ELBClientError("ValidationError", message)


def _listeners(backend: Any) -> Iterator[tuple[str, Any]]:
    for balancer in backend.load_balancers.values():
        for one in balancer.listeners.values():
            yield one.arn, backend.tagging_service.get_tag_dict_for_resource(one.arn)


def _rules(backend: Any) -> Iterator[tuple[str, Any]]:
    for balancer in backend.load_balancers.values():
        for listener in balancer.listeners.values():
            for one in listener.rules.values():
                yield one.arn, backend.tagging_service.get_tag_dict_for_resource(one.arn)


def _filled(original: Any) -> Any:
    """Defects: what AWS fills in is not shown, and secrets are."""

    def init(self: Any, data: dict[str, Any]) -> None:
        made = deepcopy(data)
        if "TargetGroupArn" in made and "ForwardConfig" not in made:
            made["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": made["TargetGroupArn"]}]}
        groups = made.get("ForwardConfig", {}).get("TargetGroups", ())
        if len(groups) == 1:
            made["TargetGroupArn"] = groups[0]["TargetGroupArn"]
        for config, defaults in _DEFAULTS.items():
            if config in made:
                given = {name: one for name, one in made[config].items() if name not in _SECRETS}
                made[config] = {**defaults, **given}
        original(self, made)

    return init


def _check_orders(actions: Any) -> None:
    if len(actions or ()) > 1 and any("Order" not in one for one in actions):
        raise _refusal("You must specify an order for each action when there are several")


def _with_orders(original: Any) -> Any:
    """Defect: several actions need no order."""

    def call(self: Any, *given: Any, **named: Any) -> Any:
        _check_orders(by_name(original, *given, **named)["actions"])
        return original(self, *given, **named)

    return call


def _check_port(balancer: Any, port: Any, but: str = "") -> None:
    from moto.elbv2.exceptions import DuplicateListenerError

    for one in balancer.listeners.values():
        if port is not None and str(one.port) == str(port) and one.arn != but:
            raise DuplicateListenerError()


def _settle(listener: Any, certificates: Any) -> None:
    """Check that an encrypted listener has a certificate, and take off any other what belongs to one."""
    if certificates and listener.protocol not in _ENCRYPTED:
        raise _refusal(f"A certificate cannot be specified for {listener.protocol} listeners")
    if listener.protocol in _ENCRYPTED:
        if not listener.certificates:
            raise _refusal(f"A certificate must be specified for {listener.protocol} listeners")
        return
    listener.ssl_policy = listener.certificate = None
    listener.certificates, listener.alpn_policy = [], []
    listener.mutual_authentication = None


def _one_of_a_port(original: Any) -> Any:
    """Defects: a port may have two listeners, a call that comes again is refused, and HTTPS needs no certificate."""

    def create(self: Any, *given: Any, **named: Any) -> Any:
        asked = by_name(original, *given, **named)
        settings = deepcopy({key: value for key, value in asked.items() if key != "tags"})
        balancer = self.load_balancers.get(asked["load_balancer_arn"])
        _check_orders(asked["actions"])
        if (asked["protocol"] in _ENCRYPTED) != bool(asked["certificate"]):
            word = "must" if asked["protocol"] in _ENCRYPTED else "cannot"
            raise _refusal(f"A certificate {word} be specified for {asked['protocol']} listeners")
        for one in balancer.listeners.values() if balancer is not None else ():
            if one.made_with == settings:
                return one
        if balancer is not None:
            _check_port(balancer, asked["port"])
        made = original(self, **asked)
        made.made_with = settings
        _settle(made, ())
        return made

    return create


def _all_there(original: Any) -> Any:
    """Defect: a listener that is not there is left out beside others."""

    def describe(self: Any, load_balancer_arn: Any, listener_arns: Any) -> Any:
        from moto.elbv2.exceptions import ListenerNotFoundError

        found = original(self, load_balancer_arn, listener_arns)
        if len(found) < len(set(listener_arns or ())):
            raise ListenerNotFoundError()
        return found

    return describe


def _of_any_protocol(original: Any) -> Any:
    """Defects: an update to TLS or UDP is refused, and one to the port of another listener is not. Neither moto
    nor this compares the protocol with the type of the load balancer."""

    def modify(self: Any, arn: str, port: Any, protocol: Any, *more: Any) -> Any:
        [listener] = self.describe_listeners(None, [arn])
        _check_port(self.load_balancers[listener.load_balancer_arn], port, but=arn)
        _check_orders(more[-1])
        known = protocol in (None, "HTTP", "HTTPS", "TCP")
        made = original(self, arn, port, protocol if known else None, *more)
        if not known:
            made.protocol = protocol
            made.certificates = [one["CertificateArn"] for one in more[1]] or made.certificates
        made.made_with = None
        _settle(made, more[1])
        return made

    return modify


def _with_tags(original: Any) -> Any:
    """Defect: the tags of what is deleted stay."""

    def delete(self: Any, arn: str) -> Any:
        listener = original(self, arn)
        for rule in listener.rules.values():
            self.tagging_service.delete_all_tags_for_resource(rule.arn)
        self.tagging_service.delete_all_tags_for_resource(arn)
        return listener

    return delete


def _if_there(original: Any) -> Any:
    """Defects: a rule that is not there is deleted, and tags stay."""

    def delete(self: Any, arn: str) -> None:
        self.describe_rules(None, [arn])
        self.tagging_service.delete_all_tags_for_resource(arn)
        original(self, arn)

    return delete


def _unless_its_own(original: Any) -> Any:
    """Defect: a rule may not be given the priority that it has."""

    def set_priorities(self: Any, rule_priorities: Any) -> Any:
        changed = []
        for one in rule_priorities:
            [rule] = self.describe_rules(None, [one["RuleArn"]])
            if str(rule.priority) != str(one["Priority"]):
                changed.append(one)
        return original(self, changed)

    return set_priorities


def _keeping(original: Any) -> Any:
    """Defect: some settings are lost."""

    def call(self: Any) -> Any:
        answer = original(self)
        [listener] = answer.result["Listeners"]
        asked = self._get_params()
        for name, own in _KEPT.items():
            if name in asked and listener.protocol in _ENCRYPTED:
                setattr(listener, own, asked[name])
        return answer

    return call
