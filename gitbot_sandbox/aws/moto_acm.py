"""Make moto's certificates wait, refuse, keep and show what ACM does. Shell.

https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_PENDING = "PENDING_VALIDATION"


def patch() -> None:
    """Make all patches of this module."""
    from moto.acm.models import AWSCertificateManagerBackend as Backend
    from moto.acm.models import CertBundle
    from moto.acm.responses import AWSCertificateManagerResponse as Response

    wrap(Response, "request_certificate", _with_all_that_was_asked)
    wrap(Backend, "describe_certificate", _when_proven)
    wrap(Backend, "delete_certificate", _unless_in_use)
    wrap(CertBundle, "check", _not_by_time)
    wrap(CertBundle, "describe", _as_asked)


def _with_all_that_was_asked(original: Any) -> Any:
    """Defects: how names are proven and which key is wanted is lost, and mail is not the default."""

    def request(self: Any) -> Any:
        answer = original(self)
        one = self.acm_backend._certificates[answer.result["CertificateArn"]]
        if getattr(one, "asked", None) is not None:
            return answer
        domain = self._get_param("DomainName")
        others = [
            name for name in self._get_param("SubjectAlternativeNames") or () if name != domain
        ]
        one.asked = {
            "method": self._get_param("ValidationMethod") or "EMAIL",
            "key": self._get_param("KeyAlgorithm") or "RSA_2048",
            "names": [domain, *others],
            "domains": {
                each["DomainName"]: each["ValidationDomain"]
                for each in self._get_param("DomainValidationOptions") or ()
            },
        }
        one.reason = ""
        if one.status == _PENDING:
            begin(one, lambda reason: _end(one, reason))
        return answer

    return request


def _end(one: Any, reason: str) -> None:
    one.status, one.reason = ("FAILED" if reason else "ISSUED"), reason


def _not_by_time(original: Any) -> Any:
    """Defect: every certificate is issued after a minute."""

    def check(self: Any) -> None:
        before = self.status
        original(self)
        if before == _PENDING and self.status == "ISSUED" and hasattr(self, "asked"):
            self.status = before

    return check


def _when_proven(original: Any) -> Any:
    """Defect: the records that prove names are not looked for."""

    def describe(self: Any, arn: str) -> Any:
        one = original(self, arn)
        if one.status == _PENDING and hasattr(one, "asked"):
            if one.asked["method"] == "DNS" and all(
                _is_in_dns(self.account_id, _record(self.account_id, name))
                for name in one.asked["names"]
            ):
                _end(one, "")
            else:
                described(one)
        return one

    return describe


def _record(account: str, name: str) -> dict[str, str]:
    """The record that proves the name: one for all certificates of the account."""
    plain = name.removeprefix("*.")
    digits = sha256(f"{account} {plain}".encode()).hexdigest()
    value = f"_{digits[32:]}.ykybfrwcxw.acm-validations.aws."
    return {"Name": f"_{digits[:32]}.{plain}.", "Type": "CNAME", "Value": value}


def _is_in_dns(account: str, record: dict[str, str]) -> bool:
    from moto.route53.models import route53_backends

    return any(
        one.name == record["Name"]
        and one.type == "CNAME"
        and list(one.records) == [record["Value"]]
        for zone in route53_backends[account]["aws"].zones.values()
        for one in zone.rrsets
    )


def _as_asked(original: Any) -> Any:
    """Defect: what was asked for is not shown, and names come in any order."""

    def describe(self: Any) -> Any:
        told = original(self)
        asked = getattr(self, "asked", None)
        if asked is None:
            return told
        shown = told["Certificate"]
        shown["KeyAlgorithm"] = asked["key"].replace("RSA_", "RSA-")
        shown["SubjectAlternativeNames"] = asked["names"]
        if self.reason:
            shown["FailureReason"] = self.reason
        if "DomainValidationOptions" in shown:
            shown["DomainValidationOptions"] = [_option(self, name) for name in asked["names"]]
        return told

    return describe


def _option(one: Any, name: str) -> dict[str, Any]:
    """How a name is proven, and whether it is."""
    account = one.arn.split(":")[4]
    status = "SUCCESS" if one.status == "ISSUED" else one.status
    domain = one.asked["domains"].get(name, name)
    mails = [f"{who}@{domain}" for who in ("admin", "hostmaster")]
    by = (
        {"ResourceRecord": _record(account, name)}
        if one.asked["method"] == "DNS"
        else {"ValidationEmails": mails}
    )
    return {
        "DomainName": name,
        "ValidationDomain": domain,
        "ValidationStatus": status,
        "ValidationMethod": one.asked["method"],
        **by,
    }


def _unless_in_use(original: Any) -> Any:
    """Defect: a certificate that a listener has is deleted."""

    def delete(self: Any, arn: str) -> None:
        from moto.core.exceptions import AWSError
        from moto.elbv2.models import elbv2_backends

        balancers = elbv2_backends[self.account_id][self.region_name].load_balancers.values()
        if any(arn in one.certificates for each in balancers for one in each.listeners.values()):
            raise AWSError(
                f"Certificate {arn} in account {self.account_id} is in use.",
                exception_type="ResourceInUseException",
            )
        original(self, arn)

    return delete
