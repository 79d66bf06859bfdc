"""Let calls that moto does not serve be refused in the words of their service, and not with a page. Shell.

A page in HTML with the status 500 is no answer of AWS: clients take it for an outage, and ask again and again.
https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core import errors
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from gitbot_sandbox.aws.moto_patch import wrap

_QUERY = ("query", "ec2")
_BY_FORM, _ELSE = "InvalidAction", "UnknownOperationException"


class Unserved(ServiceException):
    """The refusal of a call; it is of no service's model."""


def patch() -> None:
    """Make the patch."""
    errors.COMMON_ERROR_CODES += [_BY_FORM, _ELSE]
    wrap(BaseResponse, "call_action", _refusing)


def _refusing(original: Any) -> Any:
    @wraps(original)
    def call_action(self: Any) -> Any:
        try:
            return original(self)
        except NotImplementedError as error:
            refusal = Unserved(
                f"The local AWS does not serve {self.service_name}:{self._get_action()} this way: {error}"
            )
            by_form = get_service_model(self.boto3_service_name).protocol in _QUERY
            refusal.code = _BY_FORM if by_form else _ELSE
            status, headers, body = self.serialized(ActionResult(refusal))
            headers, body = self._enrich_response(headers, body)
            return status, headers, body

    return call_action
