"""The shapes of what people type. What may become of it is the actions' to decide."""
