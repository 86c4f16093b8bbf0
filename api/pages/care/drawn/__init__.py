"""Pictures with a table beside each: a timeline, a week, the measures."""
