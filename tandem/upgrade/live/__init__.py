"""The gradual upgrade: both schemas in one live database, in step, with a way back to the last."""
