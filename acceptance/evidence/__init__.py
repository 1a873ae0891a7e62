"""The bridge between asking and judging:
the shapes of every fact, its envelope, and the file of one host.

Others use `Evidence` and `read_evidence` of `file`, the sections' classes,
and `Read`/`Unread` of `envelope`.
"""
