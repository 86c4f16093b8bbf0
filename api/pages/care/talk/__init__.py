"""Messages, referrals and findings: what one agency asks of another, and what came of it."""
