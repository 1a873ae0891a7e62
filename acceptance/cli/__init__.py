"""The `acceptance` command: what is no test run.

The entry point is `app`; nothing imports this room.
"""
