"""How the schema came to be, revision by revision; a package, so that the wheel carries it."""
