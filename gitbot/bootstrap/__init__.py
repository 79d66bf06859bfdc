"""Puts the parts together; kept empty, since the loader's child imports it before its limits are set."""
