"""From YAML text to desired resources or diagnostics. Pure."""
