"""Puts the parts together. Keep it empty: the loader's child imports it without limits."""
