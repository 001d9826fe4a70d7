"""What others put beside a database while it moves: a pooler, a standby, a subscriber, dumps, a full disk."""
