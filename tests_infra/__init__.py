"""The acceptance tests, a module per marker, and their catalogue in requirements/.

Others use `own_tests()` of acceptance.catalogue.place, which says where they are.
"""
