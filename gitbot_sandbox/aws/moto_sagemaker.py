"""Make moto's SageMaker refuse what AWS refuses. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.sagemaker.models import SageMakerModelBackend as Backend

    wrap(Backend, "create_model", _one_of_a_name)


def _one_of_a_name(create: Any) -> Any:
    """moto replaces a model of the same name."""
    from moto.sagemaker.exceptions import ValidationError

    def checked(self: Any, model_name: str, *args: Any, **given: Any) -> Any:
        if model_name in self._models:
            raise ValidationError(
                message=f"Cannot create already existing model {self._models[model_name].arn}"
            )
        return create(self, model_name, *args, **given)

    return checked
