"""How the tables became what they are, step by step; alembic runs what a database has not had yet."""
