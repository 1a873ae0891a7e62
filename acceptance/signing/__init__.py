"""Keys, statements and signatures over every file of a report, and their verification.

Others use `sign_report` of `sign`, `verify_report` of `verify`, and `keys`.
"""
