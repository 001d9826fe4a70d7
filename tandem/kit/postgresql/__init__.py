"""Django's PostgreSQL backend, with pooled connections that are looked at without a round trip."""
