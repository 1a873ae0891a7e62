"""One account, known by a number on two servers:
the SID as Windows writes it and as SQL Server stores it.
"""

from collections.abc import Mapping

HEAD = 8  # bytes before the sub-authorities: revision, their count, authority ([MS-DTYP] 2.4.2.2)


def windows_sid(stored: str) -> str | None:
    """SQL Server's hexadecimal SID as Windows writes it;
    None: no SID of Windows' (a SQL login's has 16 bytes).

    >>> windows_sid("0x010500000000000515000000010000000200000003000000E8030000")
    'S-1-5-21-1-2-3-1000'
    """
    try:
        data = bytes.fromhex(stored.removeprefix("0x"))
    except ValueError:
        return None
    if len(data) < HEAD or data[0] != 1 or len(data) != HEAD + 4 * data[1]:
        return None
    authority = int.from_bytes(data[2:HEAD], "big")
    words = [data[at : at + 4] for at in range(HEAD, len(data), 4)]
    return "-".join(["S-1", str(authority), *(str(int.from_bytes(one, "little")) for one in words)])


def differing(stored: str, told: Mapping[str, str]) -> dict[str, str]:
    """Of the SIDs that Windows servers told (host -> SID), those that are not the stored one."""
    own = windows_sid(stored)
    return {host: sid for host, sid in told.items() if sid != own}
