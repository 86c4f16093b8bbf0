"""What alembic runs: the revisions, on the connection that db.migrate opened and in its transaction."""

from alembic import context

from db.tables import SCHEMA

context.configure(connection=context.config.attributes["connection"], target_metadata=SCHEMA)
context.run_migrations()
