"""The plan page: whose plan, what needs the reader now, what changed, and the plan at a glance."""
