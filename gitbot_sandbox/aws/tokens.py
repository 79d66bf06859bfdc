"""Answer a repeated creation by the first one, as EC2 does. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError


def once_by_token(original: Any) -> Any:
    """Defect: ClientToken is ignored, so a retried creation makes a second object.

    https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
    """

    @wraps(original)
    def create(self: Any) -> Any:
        token = self._get_param("ClientToken")
        if not token:
            return original(self)
        answers = self.ec2_backend.__dict__.setdefault("answers_by_token", {})
        asked = repr(sorted((name, str(value)) for name, value in self.data.items()))
        before, answer = answers.get((original.__name__, token), (asked, None))
        if before != asked:
            raise EC2ClientError(
                "IdempotentParameterMismatch",
                "The client token was used before with other parameters.",
            )
        if answer is None:
            answer = original(self)
            answers[original.__name__, token] = (asked, answer)
        return answer

    return create
