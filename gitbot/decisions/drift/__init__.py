"""Decide what becomes of drift: its fingerprint, its issue, what is put back, what is ignored. Pure."""
