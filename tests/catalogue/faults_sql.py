"""One fault each of a SQL Server: what is broken in the compliant twin,
and which requirements must then fail.

`fails` lists what is not met in the phase where it applies; nothing else may change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from acceptance.simulator.sqlserver.state import Database, Role, Table, Twin, User

ACCOUNT = "DEMO\\svc-clickker"
PERSON = 118


@dataclass(frozen=True)
class SqlFault:
    """`name` is the host's name in the run.

    `awaits`: what can no longer be decided; `unread`: or not be checked.
    """

    name: str
    breaks: Callable[[Twin], None]
    fails: frozenset[str]
    awaits: frozenset[str] = field(default=frozenset())
    unread: frozenset[str] = field(default=frozenset())


def _fault(
    name: str, fails: str, breaks: Callable[[Twin], None], awaits: str = "", unread: str = ""
) -> SqlFault:
    words = [frozenset(text.split()) for text in (fails, awaits, unread)]
    return SqlFault(name, breaks, *words)


def table(twin: Twin, name: str, database: str = "Synergy") -> Table:
    return twin.databases[database].tables[name]


def person(twin: Twin) -> dict[str, Any]:
    return next(row for row in table(twin, "humres").rows if row["res_id"] == PERSON)


def _set_person(**values: Any) -> Callable[[Twin], None]:
    return lambda twin: person(twin).update(values)


def _back_office(blocked: int | None) -> Callable[[Twin], None]:
    """A release whose table has that column."""

    def breaks(twin: Twin) -> None:
        table(twin, "humres").columns["BackOfficeBlocked"] = "tinyint"
        person(twin)["BackOfficeBlocked"] = blocked

    return breaks


def _set_baco(**values: Any) -> Callable[[Twin], None]:
    def breaks(twin: Twin) -> None:
        for key, value in values.items():
            setattr(twin.logins["BACO"], key, value)

    return breaks


def without_sysadmin(twin: Twin) -> None:
    """As after installation: no sysadmin, but read on the Exact databases,
    read and write on Clickker's.
    """
    twin.logins[ACCOUNT].roles = []
    for database in ("Synergy", "020"):
        twin.databases[database].users[ACCOUNT] = User(kind="windows_user", roles=["db_datareader"])


def _no_access_to_020(twin: Twin) -> None:
    without_sysadmin(twin)
    del twin.databases["020"].users[ACCOUNT]


def _one_table_denied(twin: Twin) -> None:
    without_sysadmin(twin)
    twin.databases["Synergy"].users[ACCOUNT].deny = ["SELECT ON dbo.humres"]


def _clickker_read_only_rights(twin: Twin) -> None:
    without_sysadmin(twin)
    twin.databases["Clickker"].users[ACCOUNT].roles = ["db_datareader"]


def _connect_denied(twin: Twin) -> None:
    without_sysadmin(twin)
    twin.logins[ACCOUNT].deny = ["CONNECT SQL"]


def _without_login(twin: Twin) -> None:
    del twin.logins[ACCOUNT]


def _without_role(role_id: int) -> Callable[[Twin], None]:
    def breaks(twin: Twin) -> None:
        rows = table(twin, "HRRoles").rows
        rows[:] = [row for row in rows if (row["RoleID"], row["EmpID"]) != (role_id, PERSON)]

    return breaks


def _roles_in(division: int | None) -> Callable[[Twin], None]:
    """None: the roles have a level only, such as Corporate."""

    def breaks(twin: Twin) -> None:
        for row in table(twin, "HRRoles").rows:
            row["Division"] = division

    return breaks


def _renamed_role(twin: Twin) -> None:
    next(row for row in table(twin, "HRRoleDefs").rows if row["ID"] == 92)["Description"] = "Vakman"


def _orphaned(twin: Twin) -> None:
    twin.databases["020"].users["BACO"].sid = "0102030405060708090A0B0C0D0E0F10"


def _without_baco(twin: Twin) -> None:
    del twin.logins["BACO"]


def _without_baco_users(twin: Twin) -> None:
    for database in ("Synergy", "020"):
        del twin.databases[database].users["BACO"]


def _baco_without_login(twin: Twin) -> None:
    """`CREATE USER BACO WITHOUT LOGIN`: it is there, enabled, and nobody can log in with it."""
    twin.databases["020"].users["BACO"].login = None


def _baco_is_a_role(twin: Twin) -> None:
    _without_baco_users(twin)
    twin.databases["020"].roles["BACO"] = Role()


def globe_release(release: int) -> Callable[[Twin], None]:
    """All places of the database state this release."""

    def breaks(twin: Twin) -> None:
        table(twin, "bedryf", "020").rows[0].update(
            {"VersionMajor": release, "batchlevel": release}
        )
        table(twin, "BacoSettings", "020").rows[0]["StringValue"] = str(release)

    return breaks


def _globe_release_nowhere(twin: Twin) -> None:
    table(twin, "bedryf", "020").rows[0].update({"VersionMajor": 5, "batchlevel": None})
    table(twin, "BacoSettings", "020").rows[0]["StringValue"] = "5.0.0.512"


def _option(value: int | None) -> Callable[[Twin], None]:
    return lambda twin: table(twin, "ExactOptions").rows[0].update({"opt_600": value})


def _option_of_one_division(twin: Twin) -> None:
    table(twin, "ExactOptions").rows.append({"Division": 2, "opt_600": 0})


def _version(twin: Twin) -> None:
    twin.server.version = "11.0.7001.0"


def _read_only_clickker(twin: Twin) -> None:
    twin.databases["Clickker"].read_only = True


def _clickker_is_a_secondary(twin: Twin) -> None:
    twin.databases["Clickker"].secondary = True


def _single_user_clickker(twin: Twin) -> None:
    twin.databases["Clickker"].user_access = "SINGLE_USER"


def _without_clickker(twin: Twin) -> None:
    del twin.databases["Clickker"]


def _left_over_login(twin: Twin) -> None:
    """The account was deleted and made again:
    Windows gave it another SID, the login kept the old one.
    """
    twin.logins[ACCOUNT].sid = "0105000000000005150000000100000002000000030000004f040000"


def _case_sensitive_server(twin: Twin) -> None:
    """The login is called baco there: who logs in as BACO, as Exact does, is refused."""
    twin.server.collation = "Latin1_General_CS_AS"
    twin.logins["baco"] = twin.logins.pop("BACO")
    for name in ("Synergy", "020"):
        twin.databases[name].users["BACO"].login = "baco"


def _another_replica(twin: Twin) -> None:
    twin.server.properties["IsHadrEnabled"] = 1
    names = (twin.server.name, "SQL02")
    twin.views["sys.availability_replicas"] = [
        {
            "replica_id": f"6f9619ff-8b86-d011-b42d-00c04fc96{number:03}",
            "group_id": "6f9619ff-8b86-d011-b42d-00c04fc96900",
            "replica_server_name": name,
            "availability_mode_desc": "SYNCHRONOUS_COMMIT",
            "failover_mode_desc": "AUTOMATIC",
            "secondary_role_allow_connections_desc": "ALL",
        }
        for number, name in enumerate(names)
    ]


def _column_denied(twin: Twin) -> None:
    without_sysadmin(twin)
    twin.databases["Synergy"].users[ACCOUNT].deny = ["SELECT ON dbo.humres(usr_id)"]


def _unnamed_by_its_tables(twin: Twin) -> None:
    twin.databases["Archive"] = twin.databases["020"].model_copy(deep=True)


def _unnamed_by_its_name(twin: Twin) -> None:
    """Offline, so that nobody can look for tables."""
    twin.databases["021"] = Database(state="OFFLINE")


def _closed(database: str) -> Callable[[Twin], None]:
    def breaks(twin: Twin) -> None:
        twin.databases[database].user_access = "RESTRICTED_USER"

    return breaks


def _offline(twin: Twin) -> None:
    twin.databases["020"].state = "OFFLINE"


ON_LOGINS = "SQL-02 SQL-03 SQL-06 SQL-07"
ON_ALL_DATABASES = "SQL-04 SQL-08 SYN-04 LIC-02"
FAULTS = [
    _fault("login-left-over", "", _left_over_login, unread="SQL-02 SQL-03 SQL-04 SQL-05"),
    _fault("baco-in-another-case", "SQL-06 SQL-07 SQL-08", _case_sensitive_server),
    _fault("another-replica", "", _another_replica, awaits=ON_LOGINS),
    _fault("column-denied", "SQL-03", _column_denied, awaits="SQL-04"),
    _fault("unnamed-by-its-tables", "", _unnamed_by_its_tables, awaits=ON_ALL_DATABASES),
    _fault("unnamed-by-its-name", "", _unnamed_by_its_name, awaits=ON_ALL_DATABASES),
    _fault("clickker-is-restricted", "SQL-05", _closed("Clickker")),
    _fault("synergy-is-restricted", "", _closed("Synergy"), awaits="SQL-04"),
    _fault("020-offline", "", _offline, unread="SQL-04 SQL-08 SYN-04"),
    _fault("login-missing", "SQL-02 SQL-03 SQL-04 SQL-05", _without_login),
    _fault(
        "login-disabled", "SQL-02", lambda twin: setattr(twin.logins[ACCOUNT], "disabled", True)
    ),
    _fault("connect-denied", "SQL-02 SQL-03", _connect_denied),
    _fault("not-sysadmin", "SQL-03", without_sysadmin),
    _fault("no-access-to-020", "SQL-03 SQL-04", _no_access_to_020),
    _fault("one-table-denied", "SQL-03 SQL-04", _one_table_denied),
    _fault("clickker-cannot-be-written", "SQL-03 SQL-05", _clickker_read_only_rights),
    _fault("clickker-is-read-only", "SQL-05", _read_only_clickker),
    _fault("clickker-is-a-secondary", "SQL-05", _clickker_is_a_secondary),
    _fault("clickker-takes-a-single-user", "SQL-05", _single_user_clickker),
    _fault("clickker-missing", "SQL-05", _without_clickker),
    _fault("baco-missing", "SQL-06 SQL-07 SQL-08", _without_baco),
    _fault("baco-of-windows", "SQL-08", _set_baco(kind="windows_user"), awaits="SQL-06"),
    _fault("baco-disabled", "SQL-07", _set_baco(disabled=True)),
    _fault("baco-locked", "SQL-07", _set_baco(locked=True, policy_checked=True)),
    _fault(
        "baco-expired",
        "SQL-07",
        _set_baco(expired=True, policy_checked=True, expiration_checked=True),
    ),
    _fault(
        "baco-must-change",
        "SQL-07",
        _set_baco(must_change=True, policy_checked=True, expiration_checked=True),
    ),
    _fault("baco-denied", "SQL-07", _set_baco(deny=["CONNECT SQL"])),
    _fault("baco-orphaned", "SQL-08", _orphaned),
    _fault("baco-without-users", "", _without_baco_users, awaits="SQL-08"),
    _fault("baco-user-without-login", "", _baco_without_login, awaits="SQL-08"),
    _fault("baco-is-a-role", "", _baco_is_a_role, awaits="SQL-08"),
    _fault("version", "SQL-09", _version),
    _fault("globe-501-where-503-is-installed", "", globe_release(501), awaits="SYN-04"),
    _fault("globe-stated-by-the-program-alone", "", _globe_release_nowhere, awaits="SYN-04"),
    _fault("no-person", "SYN-05 SYN-06 SYN-07 LIC-01", _set_person(usr_id="svc-other")),
    _fault("person-with-domain", "SYN-05 SYN-06 SYN-07 LIC-01", _set_person(usr_id=ACCOUNT)),
    _fault(
        "person-with-spaces", "SYN-05 SYN-06 SYN-07 LIC-01", _set_person(usr_id=" svc-clickker ")
    ),
    _fault("person-left", "SYN-05", _set_person(ldatuitdienst="2025-12-31")),
    _fault("person-to-come", "SYN-05", _set_person(ldatindienst="2099-01-01")),
    _fault("person-without-date", "", _set_person(ldatindienst=None), awaits="SYN-05"),
    _fault("person-inactive", "", _set_person(emp_stat="I"), awaits="SYN-05"),
    _fault("person-without-status", "", _set_person(emp_stat=None), awaits="SYN-05"),
    _fault("person-of-another-status", "", _set_person(emp_stat="H"), awaits="SYN-05"),
    _fault("person-of-another-type", "", _set_person(emp_type="A"), awaits="SYN-05"),
    _fault("person-blocked", "", _set_person(blocked=1), awaits="SYN-05"),
    _fault("person-blocked-or-not", "", _set_person(blocked=None), awaits="SYN-05"),
    _fault("back-office-blocked", "", _back_office(1), awaits="SYN-05"),
    _fault("back-office-blocked-or-not", "", _back_office(None), awaits="SYN-05"),
    _fault("back-office-open", "", _back_office(0)),
    _fault("not-administrator", "SYN-06", _without_role(0)),
    _fault("not-professional", "SYN-07", _without_role(92)),
    _fault("roles-in-another-administration", "SYN-06 SYN-07", _roles_in(2)),
    _fault("roles-of-a-level", "", _roles_in(None), awaits="SYN-06 SYN-07"),
    _fault("professional-renamed", "", _renamed_role, awaits="SYN-07"),
    _fault("no-user-licence", "LIC-01", _set_person(UserLicenseType=0)),
    _fault("unknown-licence-type", "", _set_person(UserLicenseType=40), awaits="LIC-01"),
    _fault("without-module", "LIC-02", _option(0)),
    _fault("module-below-zero", "", _option(-1), awaits="LIC-02"),
    _fault("module-null", "", _option(None), awaits="LIC-02"),
    _fault("module-in-one-division", "", _option_of_one_division, awaits="LIC-02"),
]
