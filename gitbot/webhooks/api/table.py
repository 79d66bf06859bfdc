"""All routes of the API. Pure."""

from __future__ import annotations

from gitbot.webhooks.api import applies, me, plans, reads
from gitbot.webhooks.api.routes import Route

ROUTES: tuple[Route, ...] = (*me.ROUTES, *reads.ROUTES, *plans.ROUTES, *applies.ROUTES)
