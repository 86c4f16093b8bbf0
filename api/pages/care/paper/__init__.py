"""What leaves the pages: paper and calendars."""
