"""Django's PostgreSQL, with a pool that asks nothing of the server when a connection is taken."""
