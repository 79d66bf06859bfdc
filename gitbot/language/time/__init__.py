"""Readers of texts about time. None of them asks what time it is. Pure."""
