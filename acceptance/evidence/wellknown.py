"""Windows' own groups: numbers that are the same on every server,
and the names that people know them by (MS-DTYP 2.4.2.4).
"""

WELL_KNOWN = {
    "S-1-1-0": "Everyone",
    "S-1-5-2": "NETWORK",
    "S-1-5-3": "BATCH",
    "S-1-5-6": "SERVICE",
    "S-1-5-11": "Authenticated Users",
    "S-1-5-18": "SYSTEM",
    "S-1-5-32-544": "Administrators",
    "S-1-5-32-545": "Users",
    "S-1-5-32-555": "Remote Desktop Users",
    "S-1-5-32-568": "IIS_IUSRS",
}
