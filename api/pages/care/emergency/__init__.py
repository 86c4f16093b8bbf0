"""Emergency access: opened for an hour, and reviewed."""
