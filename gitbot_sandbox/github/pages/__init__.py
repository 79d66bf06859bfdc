"""Serve plain pages to look at the local GitHub and to act in it by hand. Shell."""
