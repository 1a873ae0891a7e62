"""A report in other programs' formats: a module for each `acceptance report REPORT --to …`.

Every writer is a pure function of results.json;
what a format cannot carry stands in docs/report.md. Others use the writers by their formats' names:
cli/report.py does.
"""
