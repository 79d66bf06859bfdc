"""Resource types and the connections that serve them."""
