"""WSManFaults by number -> what it means and what to do. Texts of the server are in its language:
never decided on.

Numbers: wsmerror.h and winerror.h. WinRM sends an error of Windows as itself or
as an HRESULT (0x8007xxxx).
"""

from typing import NamedTuple


class Meaning(NamedTuple):
    """A fault in words: what is wrong, and what to do."""

    message: str
    remedy: str


_ENVELOPE = "Allow larger ones: Set-Item -Path WSMan:\\localhost\\MaxEnvelopeSizekb -Value 500"
_QUOTA = (
    "Close other remote shells (Get-WSManInstance -ResourceURI shell -Enumerate), wait, "
    "or raise the quota: winrm get winrm/config/winrs."
)

OPERATION_TIMED_OUT = (
    2150858793  # 0x80338029: no output within OperationTimeout; the receive loop asks again
)
BUSY = 170  # ERROR_BUSY: a previous Send is still being processed

WSMAN_FAULTS: dict[int, Meaning] = {
    5: Meaning(
        "access denied: the account is known, but may not use WinRM's command shell",
        "Make it a local administrator of the server (a local account also needs "
        "LocalAccountTokenFilterPolicy = 1).",
    ),
    87: Meaning("WinRM says a parameter is incorrect", "Report it: it is an error of the suite."),
    BUSY: Meaning(
        "WinRM is still busy with earlier input", "Run again; the server may be overloaded."
    ),
    OPERATION_TIMED_OUT: Meaning(
        "WinRM had nothing to say in time", "Raise operation_seconds in the inventory."
    ),
    2150858790: Meaning(
        "a message is larger than WinRM allows",
        _ENVELOPE,
    ),
    2150858805: Meaning(
        "WinRM could not encode a message", "Report it: it is an error of the suite."
    ),
    2150858824: Meaning(
        "a message is larger than WinRM allows",
        _ENVELOPE,
    ),
    2150858843: Meaning(
        "the shell no longer exists: it timed out or WinRM was restarted", "Run again."
    ),
    2150859025: Meaning(
        "a request is larger than WinRM allows",
        _ENVELOPE,
    ),
    2150859173: Meaning("the account has too many shells open (MaxShellsPerUser)", _QUOTA),
    2150859174: Meaning(
        "the account has too many operations open (MaxConcurrentOperationsPerUser)", _QUOTA
    ),
    2150859175: Meaning("the account's quota of remote shells is used up", _QUOTA),
    2150859176: Meaning("the server's quota of remote shells is used up", _QUOTA),
    2150859179: Meaning("too many users have remote shells open (MaxConcurrentUsers)", _QUOTA),
    2150859180: Meaning(
        "the server does not allow remote shells",
        "Allow them (or by group policy): "
        "Set-Item -Path WSMan:\\localhost\\Shell\\AllowRemoteShellAccess -Value $true",
    ),
    2: Meaning(
        "powershell.exe was not found on the server",
        "Repair Windows PowerShell; it belongs to every Windows Server.",
    ),
    206: Meaning(
        "the command line is longer than the server takes",
        "Report it: it is an error of the suite.",
    ),
    995: Meaning(
        "the service ended the operation before it was done, as when it is stopped",
        "Run again; look whether WinRM or the server was restarted.",
    ),
}

_OF_THE_PLUGIN = Meaning("a quota of the WinRM plugin is used up", _QUOTA)
WSMAN_FAULTS |= dict.fromkeys(range(2150859236, 2150859243), _OF_THE_PLUGIN)


WIN32_AS_HRESULT = 0x80070000


def meaning(code: int) -> Meaning | None:
    """The fault in words; None: a number that is not known here.

    >>> meaning(0x80070005) == meaning(5)
    True
    """
    if code & 0xFFFF0000 == WIN32_AS_HRESULT:
        code &= 0xFFFF
    return WSMAN_FAULTS.get(code)
