"""Is a TCP port there at all? An unknown name, a closed port and silence are told apart before any protocol is tried."""

import socket

from acceptance.errors import RefusedError, UnreachableError
from acceptance.text import said

LAST_PORT = 65535
BROWSER_PORT = 1434  # [MC-SQLR] 1.9


def probe(host: str, address: str, port: int, seconds: float) -> None:
    """Open and close a connection. Raises UnreachableError; RefusedError where the machine is there and nothing listens."""
    try:
        resolved = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        message = f"the name {address} is unknown."
        raise UnreachableError(
            host, message, "Check the address in the inventory, DNS and the VPN."
        ) from None
    last: OSError = OSError()
    for family, kind, number, _, where in resolved:
        with socket.socket(family, kind, number) as one:
            one.settimeout(seconds)
            try:
                return one.connect(where)
            except OSError as error:
                last = error
    if isinstance(last, ConnectionRefusedError):
        message = f"nothing listens on {address}:{port}."
        raise RefusedError(
            host,
            message,
            "Is the service started, and this its port? Check TCP/IP is enabled for it.",
        )
    if isinstance(last, TimeoutError):
        message = f"{address}:{port} did not answer within {seconds:g} s."
        raise UnreachableError(host, message, "Check the firewall and the VPN.")
    message = f"{address}:{port} cannot be reached: {last.strerror or last}."
    raise UnreachableError(host, message, "Check the network and the VPN.")


def instance_port(host: str, address: str, instance: str, seconds: float) -> int:
    """The TCP port of a named instance, asked of SQL Server Browser on UDP 1434 ([MC-SQLR] 2.2.3 CLNT_UCAST_INST)."""
    remedy = "Give the instance's port in the inventory (sql.port), or start SQL Server Browser and open UDP 1434."
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(seconds)
        try:
            one.sendto(b"\x04" + instance.encode("ascii") + b"\x00", (address, BROWSER_PORT))
            answer = one.recv(65535)
        except socket.gaierror:
            message = f"the name {address} is unknown."
            raise UnreachableError(
                host, message, "Check the address in the inventory, DNS and the VPN."
            ) from None
        except OSError:
            message = (
                f"SQL Server Browser on {address} did not tell the port of the instance {instance}."
            )
            raise UnreachableError(host, message, remedy) from None
    told = browser_answer(answer)
    if told.get("instancename", "").casefold() != instance.casefold():
        raise UnreachableError(
            host,
            "SQL Server Browser on {address} answers for {other}, not for the instance {instance}.",
            remedy,
            address=address,
            other=told.get("instancename") or said("no instance"),
            instance=instance,
        )
    port = told.get("tcp", "")
    if not port.isdecimal() or not 0 < int(port) <= LAST_PORT:
        raise UnreachableError(
            host,
            "the instance {instance} of {address} does not listen on TCP.",
            remedy,
            instance=instance,
            address=address,
        )
    return int(port)


def browser_answer(answer: bytes) -> dict[str, str]:
    """SVR_RESP as words: `ServerName;SQL01;InstanceName;EXACT;…;tcp;49721;;` ([MC-SQLR] 2.2.5).

    >>> browser_answer(b"\\x05\\x1e\\x00InstanceName;EXACT;tcp;49721;;")["tcp"]
    '49721'
    """
    words = answer[3:].decode("ascii", errors="replace").split(";")
    pairs = zip(words[::2], words[1::2], strict=False)
    return {key.casefold(): value for key, value in pairs if key}
