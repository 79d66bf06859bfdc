"""Receives GitHub's webhooks: verify a delivery, parse it, and name the jobs it wakes. Shell."""

from gitbot.webhooks.app import create_app
from gitbot.webhooks.parse import parse
from gitbot.webhooks.payloads import MalformedDeliveryError
from gitbot.webhooks.route import route

__all__ = [
    "MalformedDeliveryError",
    "create_app",
    "parse",
    "route",
]
