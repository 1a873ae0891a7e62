"""Is a TCP port there at all?

An unknown name, a closed port and silence are told apart before any protocol is tried.
"""

import socket

from acceptance.errors import RefusedError, UnreachableError
from acceptance.text import Value, said

LAST_PORT = 65535
BROWSER_PORT = 1434  # [MC-SQLR] 1.9


# What a connection that never came about means, whoever tried it:
# the error, its sentence, its remedy.
PROBED: dict[str, tuple[type[UnreachableError], str, str]] = {
    "NO_NAME": (
        UnreachableError,
        "the name {name} is unknown.",
        "Check the address in the inventory, DNS and the VPN.",
    ),
    "REFUSES": (
        RefusedError,
        "nothing listens on {address}.",
        "Is the service started, and this its port? Check TCP/IP is enabled for it.",
    ),
    "NO_ANSWER": (
        UnreachableError,
        "{address} did not answer within {seconds} s.",
        "Check the firewall and the VPN.",
    ),
    "NO_WAY": (
        UnreachableError,
        "{address} cannot be reached: {message}",
        "Check the network and the VPN.",
    ),
    "NO_BROWSER": (
        UnreachableError,
        "SQL Server Browser on {name} did not tell the port of the instance {instance}.",
        "Give the instance's port in the inventory (sql.port), "
        "or start SQL Server Browser and open UDP 1434.",
    ),
    "OTHER_INSTANCE": (
        UnreachableError,
        "SQL Server Browser on {name} answers for {other}, not for the instance {instance}.",
        "Give the instance's port in the inventory (sql.port), "
        "or start SQL Server Browser and open UDP 1434.",
    ),
    "NO_TCP": (
        UnreachableError,
        "the instance {instance} of {name} does not listen on TCP.",
        "Give the instance's port in the inventory (sql.port), "
        "or start SQL Server Browser and open UDP 1434.",
    ),
}


def told(host: str, cause: str, /, **values: Value) -> UnreachableError:
    """One of PROBED about this host."""
    kind, message, remedy = PROBED[cause]
    return kind(host, message, remedy, **values)


def probe(host: str, address: str, port: int, seconds: float) -> None:
    """Open and close a connection.

    Raises UnreachableError; RefusedError where the machine is there and nothing listens.
    """
    try:
        resolved = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise told(host, "NO_NAME", name=address) from None
    last: OSError = OSError()
    for family, kind, number, _, where in resolved:
        with socket.socket(family, kind, number) as one:
            one.settimeout(seconds)
            try:
                return one.connect(where)
            except OSError as error:
                last = error
    place = f"{address}:{port}"
    if isinstance(last, ConnectionRefusedError):
        raise told(host, "REFUSES", address=place)
    if isinstance(last, TimeoutError):
        raise told(host, "NO_ANSWER", address=place, seconds=f"{seconds:g}")
    raise told(host, "NO_WAY", address=place, message=f"{last.strerror or last}.")


def instance_port(host: str, address: str, instance: str, seconds: float) -> int:
    """The TCP port of a named instance, asked of SQL Server Browser on UDP 1434 ([MC-SQLR] 2.2.3
    CLNT_UCAST_INST).
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(seconds)
        try:
            one.sendto(b"\x04" + instance.encode("ascii") + b"\x00", (address, BROWSER_PORT))
            answer = one.recv(65535)
        except socket.gaierror:
            raise told(host, "NO_NAME", name=address) from None
        except OSError:
            raise told(host, "NO_BROWSER", name=address, instance=instance) from None
    names = browser_answer(answer)
    if names.get("instancename", "").casefold() != instance.casefold():
        other = names.get("instancename") or said("no instance")
        raise told(host, "OTHER_INSTANCE", name=address, other=other, instance=instance)
    port = names.get("tcp", "")
    if not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        raise told(host, "NO_TCP", name=address, instance=instance)
    return int(port)


def browser_answer(answer: bytes) -> dict[str, str]:
    """SVR_RESP as words: `ServerName;SQL01;InstanceName;EXACT;…;tcp;49721;;` ([MC-SQLR] 2.2.5).

    >>> browser_answer(b"\\x05\\x1e\\x00InstanceName;EXACT;tcp;49721;;")["tcp"]
    '49721'
    """
    words = answer[3:].decode("ascii", errors="replace").split(";")
    pairs = zip(words[::2], words[1::2], strict=False)
    return {key.casefold(): value for key, value in pairs if key}
