"""What ssh says when it fails, each in a sentence of ours.

Its texts are English, whatever the server's language.
"""

import re

from acceptance.errors import HostError, LoginError, ProtocolError, TlsError, UnreachableError
from acceptance.inventory.connection import Connection
from acceptance.text import one_line, said

LONGEST = 300  # characters of ssh's own words
# The connection was another program's, which ended: what keeps us out is told by that, on stderr.
OVER_A_JUMP = r"UNKNOWN port|stdio forwarding failed"
ASKED_FOR_IT = "debug1: Next authentication method: password"
THIS_ACCOUNT = said("this account")
TRY_THE_JUMP = "Try the jump host by hand: ssh -v, as ProxyJump or ~/.ssh/config names it."
COMPARE = (
    "Compare the fingerprint with the administrator (on the server: "
    "ssh-keygen -lf C:\\ProgramData\\ssh\\ssh_host_ed25519_key.pub), "
    "then put the key into known_hosts: "
    "connect once by hand with ssh."
)
# The first that is found decides: what is special stands before what is general.
FAILURES: list[tuple[str, type[HostError], str, str]] = [
    (
        r"REVOKED HOST KEY",
        TlsError,
        "the host key of {server} is one that was revoked.",
        "Do not connect; ask the administrator.",
    ),
    (
        r"HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed",
        TlsError,
        "the host key of {server} is another than the one that is known here.",
        "Another machine may answer in its place. " + COMPARE,
    ),
    (
        r"No (\S+) host key is known for|Host key verification failed",
        TlsError,
        "the host key of {server} is not known here.",
        COMPARE,
    ),
    (
        r"UNPROTECTED PRIVATE KEY FILE|bad permissions",
        LoginError,
        "ssh does not take a private key that others may read.",
        "Make the file readable by you alone: chmod 600.",
    ),
    (
        r"Identity file (.*) not accessible",
        LoginError,
        "there is no private key where the inventory says: {found}.",
        "Correct connection.identity_file.",
    ),
    (
        r"Too many authentication failures",
        LoginError,
        "the agent offered more keys than {server} waits for.",
        "Name the right one: connection.identity_file.",
    ),
    (
        r"Permission denied \(([^)]*)\)",
        LoginError,
        "{server} refused {who}; it takes {found}.",
        "Is the key in authorized_keys there (an administrator's in "
        "C:\\ProgramData\\ssh\\administrators_authorized_keys), loaded in the agent, "
        "and the account's name right? With a password: is it right?",
    ),
    (
        r"Could not resolve hostname ([^:\s]+)",
        UnreachableError,
        "the name {found} is unknown.",
        "Check the address in the inventory, ~/.ssh/config, DNS and the VPN.",
    ),
    (
        r"connect to host \S+ port (\d+): Connection refused",
        UnreachableError,
        "nothing listens on port {found} of {address}.",
        "Is the OpenSSH server started there (Start-Service sshd), and this its port?",
    ),
    (
        r"connect to host \S+ port \d+: (.*)",
        UnreachableError,
        "{address} cannot be reached: {found}.",
        "Check the firewall, the network and the VPN.",
    ),
    (
        r"timed out during banner exchange",
        UnreachableError,
        "{address} took the connection and said nothing.",
        "Is it an SSH server that listens on that port?",
    ),
    (
        r"no matching ([\w ]+) found",
        ProtocolError,
        "ssh and {server} have no {found} in common.",
        "Renew the older of the two, or allow one in ~/.ssh/config.",
    ),
    (r"jumphost loop", ProtocolError, "the jump host is the server itself.", "Look at ProxyJump."),
    (
        r"open failed: (?:connect failed: )?(.*)",
        UnreachableError,
        "the jump host does not reach {address}: {found}.",
        "Ask whoever runs the jump host: may it go to this address and port, and forward at all?",
    ),
    (
        OVER_A_JUMP,
        UnreachableError,
        "the way over the jump host ended before the server was reached.",
        "Try it by hand: ssh {address}; look at ProxyJump in ~/.ssh/config.",
    ),
    (
        r"(?:kex|ssh)_exchange_identification",
        ProtocolError,
        "{address} does not answer as an SSH server does.",
        "Is it an SSH server that listens on that port, and does it let this address in?",
    ),
    (
        r"line \d+: (.*)",
        ProtocolError,
        "ssh does not understand its settings: {found}.",
        "Look at connection.options and ~/.ssh/config.",
    ),
    (
        r"closed by remote host|not responding|Connection reset|Broken pipe|Connection closed by",
        UnreachableError,
        "the connection broke in the middle.",
        "Check the network and the server's load, then run again.",
    ),
]


def told(host: str, connection: Connection, log: str, stderr: bytes) -> HostError:
    """Why ssh failed. `log`: its own words; `stderr`: a jump's."""
    own = "\n".join(line for line in log.splitlines() if not line.startswith("debug"))
    jumps = stderr.decode("utf-8", errors="replace")
    words = f"{own}\n{jumps}"
    names = {
        "who": connection.username or THIS_ACCOUNT,
        "address": connection.address,
        "server": said("the server"),
    }
    mended = None
    if re.search(OVER_A_JUMP, words) and "open failed" not in words:
        # Another account at another address: ~/.ssh/config or ProxyJump names them.
        there = said("the jump host")
        names |= {"who": THIS_ACCOUNT, "address": there, "server": there}
        mended = TRY_THE_JUMP
    for sign, kind, problem, mend in FAILURES:
        found = re.search(sign, words)
        if found is not None:
            group = next(filter(None, found.groups()), "") if found.groups() else ""
            group = one_line(group, LONGEST)
            return kind(host, problem, mended or mend, found=group, **names)
    return ProtocolError(
        host,
        "ssh ended without a reason that is known: {words}.",
        "Try it by hand: ssh {address}.",
        words=one_line(words, LONGEST).rstrip(".") or said("it said nothing"),
        **names,
    )


def password_refused(log: str) -> bool:
    """Whether the server itself was sent the password, and did not take it."""
    return (
        ASKED_FOR_IT in log and re.search(r"^\S+: Permission denied", log, re.MULTILINE) is not None
    )
