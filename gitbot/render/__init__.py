"""From plans, applies and diagnostics to Markdown and terminal lines. Pure."""
