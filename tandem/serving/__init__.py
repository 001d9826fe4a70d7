"""How Tandem is served: the process, bodies, hosts, logs, health and the worker beside it."""
