"""Sign-in: accounts, passwords, codes, sessions and federation. Plain logic; what is kept stands behind a protocol."""
