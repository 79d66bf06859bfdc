"""The words of what a plan finds wrong: one function for each fault, by what it is about."""
