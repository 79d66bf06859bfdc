"""Puts the parts together. Keep this file empty: the loader's child imports it before its limits apply."""
