"""The stories, one module each: what is done when, in the order of a reader. The outside is asked through ports."""
