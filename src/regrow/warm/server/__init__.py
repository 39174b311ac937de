"""The server's side of warm stages."""
