"""Rows in, plans out: the only room that knows a database."""
