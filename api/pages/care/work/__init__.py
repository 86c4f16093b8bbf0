"""Lists over many people, and one discharge: what is to be done, and by whom."""
