"""gitbot keeps a cloud equal to a Git repository of YAML specs."""
