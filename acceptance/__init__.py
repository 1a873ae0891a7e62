"""The library under the acceptance tests; it knows nothing of pytest.

Its rooms show the way of the data: docs/architecture.md draws them, tests/docs/test_layout.py holds
their arrows. Others use the rooms, and of the ground `text`, `errors` and `secrets`.
"""
