"""One file a command; each calls one function of a room."""
