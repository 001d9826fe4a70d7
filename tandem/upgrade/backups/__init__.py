"""Backups and dumps: written, sealed, read as data, restored and compared."""
