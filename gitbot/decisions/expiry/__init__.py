"""Decides when stacks expire, and what happens on the way: warned, stopped, destroyed. Pure."""
