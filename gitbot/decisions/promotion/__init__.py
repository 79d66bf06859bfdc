"""Decides what promotion carries from one environment to the next, and when. Pure."""
