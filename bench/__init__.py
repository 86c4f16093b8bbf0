"""The benchmark: what a request costs, on SQLite and on PostgreSQL, beside what the server alone costs (make bench)."""
