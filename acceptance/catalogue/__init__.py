"""The requirements as typed entries:
rules, remedies, and the document's clauses that they come from.

Others use `load_catalogue` of `requirements`, the classes of `rules`, and `filled` of `remedies`.
"""
