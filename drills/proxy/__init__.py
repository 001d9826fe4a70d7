"""Tandem behind nginx, as deploy/nginx.conf sets it up: what a browser, a program and a stranger meet there."""
