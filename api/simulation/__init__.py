"""A simulated month: people, agencies, what they do late or not at all, and what is true of it, from one seed."""
