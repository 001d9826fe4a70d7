"""``python -m drills protections``: each protection is switched off in a copy; do the tests notice?"""
