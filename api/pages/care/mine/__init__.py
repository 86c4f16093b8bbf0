"""A person's own view: their words, what they allow, and who looked."""
