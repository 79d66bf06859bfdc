"""Run a local GitHub on loopback: real git, a REST API with state, signed webhooks, pages.
Shell."""

from gitbot_sandbox.github.administration import AppCredentials
from gitbot_sandbox.github.courier import Courier, Delivery
from gitbot_sandbox.github.faults import Call, Fault, Faults
from gitbot_sandbox.github.local import LocalGitHub
from gitbot_sandbox.github.problems import Problem

__all__ = [
    "AppCredentials",
    "Call",
    "Courier",
    "Delivery",
    "Fault",
    "Faults",
    "LocalGitHub",
    "Problem",
]
