"""Evidence seen as a host: testinfra's nouns over what was read; connects nowhere.

Others use `WindowsHost` of `windows` and `SqlInstance` of `sql_instance`;
`read` of `reading` is how a section is opened.
"""
