"""Steps that look for drift, tell of it and do what people say about it."""
