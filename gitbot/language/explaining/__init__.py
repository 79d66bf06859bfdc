"""Says what is known of types, properties and fields, from the tables that specs are checked by. Pure."""
