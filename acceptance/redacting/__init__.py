"""Evidence and inventories without a customer's names: for mailing, and for recordings.

Others use `Redaction` (redaction.py): one for all files that belong together.
"""
