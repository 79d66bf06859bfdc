"""A local AWS: moto's server over HTTP, with what moto lacks and faults that can be switched on. Shell."""

from gitbot_sandbox.aws.calls import Call
from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.aws.server import LocalAws

__all__ = ["Call", "Fault", "FaultKind", "LocalAws"]
