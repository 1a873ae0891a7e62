"""What a failed connect to SQL Server means:
one sentence and one remedy for each cause of `classify`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from acceptance.backends.probe import PROBED
from acceptance.errors import HostError, LoginError, ProtocolError, TlsError, UnreachableError
from acceptance.text import said

AGAIN = "Run again when it takes connections; its administrator knows when."
ADMINISTRATOR = "Ask its database administrator; the words after the number are SQL Server's own."
SAYS = " SQL Server says ({number}): {message}"


class Cause(NamedTuple):
    """`error` makes the suite's error; `{address}`, `{login}`, `{database}`, `{number}`,
    `{message}` are filled in.
    """

    error: Callable[..., HostError]
    message: str
    remedy: str


CAUSES = {
    # TLS, told by the driver before any login
    "UNTRUSTED": Cause(
        TlsError,
        "the certificate of {address} is not trusted: {message}",
        "Give the CA's PEM file as sql.ca_file (on Windows: import it), "
        "or let the server have a certificate of a known CA.",
    ),
    "WEAK": Cause(
        TlsError,
        "the certificate of {address} is too weak for {asker}: {message}",
        "Let the server have a certificate with an RSA key of at least 2048 bits and SHA-256; "
        "no sql.ca_file helps here.",
    ),
    "EXPIRED": Cause(
        TlsError, "the certificate of {address} has expired.", "Renew the SQL Server's certificate."
    ),
    "WRONG_NAME": Cause(
        TlsError,
        "the certificate of {address} was made out for another name.",
        "Use the name that stands in the certificate as sql.server, "
        "or give it as sql.certificate_name.",
    ),
    "OLD_TLS": Cause(
        TlsError,
        "{address} and {asker} have no version of TLS in common: {message}",
        "Let the server speak TLS 1.2: update SQL Server, and enable TLS 1.2 in its Windows.",
    ),
    "NO_STRICT": Cause(
        TlsError,
        "{address} ended the connection when it was asked for TLS first, as sql.encrypt: "
        "strict wants.",
        "Only SQL Server 2022 and later with a certificate can: set sql.encrypt: mandatory.",
    ),
    "NO_ENCRYPTION": Cause(
        TlsError,
        "{address} offers no encryption.",
        "Give the SQL Server a certificate (SQL Server Configuration Manager), "
        "or set sql.encrypt: optional, which stands in the report.",
    ),
    "MUST_ENCRYPT": Cause(
        TlsError,
        "{address} wants encryption." + SAYS,
        "Set sql.encrypt: mandatory.",
    ),
    # the account
    "REFUSED": Cause(
        LoginError,
        "the server refused the login {login}; it is not tried again in this run.",
        "Check user name, password and auth in the inventory, "
        "that the login exists, is enabled and not locked.",
    ),
    "UNTRUSTED_DOMAIN": Cause(
        LoginError,
        "the server does not know the domain of the login {login}." + SAYS,
        "Use an account of the server's own domain, or sql.auth: sql with a login of SQL Server.",
    ),
    "WINDOWS_ONLY": Cause(
        LoginError,
        "the server takes Windows logins only, not {login}." + SAYS,
        "Set sql.auth: windows, or let the server take SQL Server logins too.",
    ),
    "LOCKED": Cause(
        LoginError,
        "the login {login} is locked.",
        "Let the server's administrator unlock it, then correct the password before the next run.",
    ),
    "PASSWORD_EXPIRED": Cause(
        LoginError,
        "the password of the login {login} has expired.",
        "Give the login a new password, and put that where the inventory's reference leads.",
    ),
    "MUST_CHANGE": Cause(
        LoginError,
        "the password of the login {login} must be changed before its first use.",
        "Log in once by hand to change it, then put the new one where the inventory's "
        "reference leads.",
    ),
    "DISABLED": Cause(
        LoginError, "the login {login} is disabled.", "Let the server's administrator enable it."
    ),
    "LOGON_TRIGGER": Cause(
        LoginError,
        "a logon trigger of {address} turned the login {login} away." + SAYS,
        "Let the trigger accept this login, this machine, and the application Acceptance suite.",
    ),
    "NO_DATABASE": Cause(
        LoginError,
        "the server let {login} in, but not into the database {database}.",
        "Let the login connect to that database; "
        "master is open to every login unless that was withdrawn.",
    ),
    "KERBEROS": Cause(
        LoginError,
        "Windows authentication did not work from here: {message}",
        "Get a ticket first (kinit user@DOMAIN) and use the server's full name, "
        "or set sql.auth: sql with a login of SQL Server.",
    ),
    "SPN": Cause(
        LoginError,
        "the domain does not tie the service at {address} to the account it runs as: {message}",
        "Use the server's full name as sql.server; else let the domain's administrator register "
        "its service principal names (setspn -L of the service's account shows them).",
    ),
    # the server's state
    "PAUSED": Cause(
        UnreachableError,
        "the SQL Server {address} is paused." + SAYS,
        "Let its administrator resume the service (SQL Server Configuration Manager).",
    ),
    "STOPPING": Cause(
        UnreachableError, "the SQL Server {address} is being shut down." + SAYS, AGAIN
    ),
    "STARTING": Cause(
        UnreachableError, "the SQL Server {address} is still starting." + SAYS, AGAIN
    ),
    "UPGRADING": Cause(
        UnreachableError, "the SQL Server {address} is upgrading its databases." + SAYS, AGAIN
    ),
    "SINGLE_USER": Cause(
        UnreachableError,
        "the SQL Server {address} was started for a single user." + SAYS,
        "Let its administrator start it without -m, then run again.",
    ),
    "ADMINISTRATORS_ONLY": Cause(
        UnreachableError, "the SQL Server {address} lets administrators in only." + SAYS, AGAIN
    ),
    "FULL": Cause(
        UnreachableError,
        "the SQL Server {address} has reached its limit of connections." + SAYS,
        "Run again later, or let its administrator look at the option user connections.",
    ),
    "FIREWALL": Cause(
        UnreachableError,
        "the firewall of the SQL Server {address} does not let {asker} in." + SAYS,
        "Let its administrator admit that machine's address.",
    ),
    "UNAVAILABLE": Cause(
        UnreachableError,
        "a database of the SQL Server {address} is not available at present." + SAYS,
        AGAIN,
    ),
    "REPLICA": Cause(
        UnreachableError,
        "the replica {address} of an availability group takes no queries." + SAYS,
        "Give the availability group's listener, or its primary replica, as sql.server.",
    ),
    "READ_ONLY_REPLICA": Cause(
        UnreachableError,
        "the replica {address} takes read-only connections only." + SAYS,
        "Give the primary replica as sql.server, or set sql.read_only_intent: true.",
    ),
    "NO_READ_ONLY": Cause(
        UnreachableError,
        "the replica {address} takes no read-only connections." + SAYS,
        "Set sql.read_only_intent: false, or give another replica as sql.server.",
    ),
    "SERVER_SAYS": Cause(
        UnreachableError,
        "the SQL Server {address} turned the connection away." + SAYS,
        ADMINISTRATOR,
    ),
    # no server that could be recognised
    "SILENT": Cause(
        UnreachableError,
        "{address} took the connection, but did not answer as a SQL Server in time.",
        "Is this the SQL Server's port? Check it and the server's load, then run again.",
    ),
    "ENDED": Cause(
        ProtocolError,
        "{address} does not answer as a SQL Server does: it ended the connection before the login.",
        "Is this the SQL Server's port? If so: does it speak TLS 1.2, "
        "and does its error log name a reason?",
    ),
    "NO_REASON": Cause(
        ProtocolError,
        "the ODBC driver could not connect to {address}, and gave no reason.",
        "Install the newest ODBC driver for SQL Server, "
        "and look at the server's error log for this time.",
    ),
    # SqlClient's, on a server through which another is asked
    "CERTIFICATE": Cause(
        TlsError,
        "{asker} does not accept the certificate of {address}: "
        "it is not trusted there, has expired, or was made out for another name.",
        "Import the CA's certificate into the machine store of {asker}, "
        "or let the SQL Server have a certificate of a CA that {asker} knows.",
    ),
    "NO_SECOND_HOP": Cause(
        LoginError,
        "Windows sent no account along from {asker} to {address}: "
        "a log-in over the network goes no further than its first server.",
        "Set sql.auth: sql with a login of SQL Server, or let a person run the script there "
        "(backend: script).",
    ),
    "NO_TDS": Cause(
        ProtocolError,
        "{address} does not answer as a SQL Server does: {message}",
        "Is this the SQL Server's port?",
    ),
}


CAUSES |= {name: Cause(*row) for name, row in PROBED.items()}

# What SqlClient cannot be given in a connection is another remedy there:
# it trusts what its Windows trusts.
THROUGH = {
    "UNTRUSTED": CAUSES["CERTIFICATE"].remedy,
    "WRONG_NAME": "Use the name that stands in the certificate as sql.server.",
    "WEAK": "Let the server have a certificate with an RSA key of at least 2048 bits and SHA-256.",
    "NO_REASON": "Look at the server's error log for this time.",
    "NO_WAY": "Check the network between {asker} and the SQL Server, and that TCP/IP is enabled.",
    "NO_ANSWER": "Check the firewall between {asker} and the SQL Server, and the server's load.",
    "NO_NAME": "Check sql.server in the inventory, and DNS on {asker}.",
}


def connecting(host: str, error: dict[str, Any], /, through: str = "", **names: str) -> HostError:
    """The cause of a failed connect. `error` is what the driver said; `names` fill the sentences.

    `through`: the server whose SqlClient tried.
    """
    cause = CAUSES[error["cause"]]
    remedy = THROUGH.get(error["cause"], cause.remedy) if through else cause.remedy
    message = error["message"].rstrip(".") + "."
    asker = through or said("this machine")
    return cause.error(
        host,
        cause.message,
        remedy,
        message=message,
        number=error["number"] or 0,
        asker=asker,
        **names,
    )
