"""SQL Server, its logins, and what the service account may do there."""

from acceptance.fixtures.selection import requirements
from acceptance.fixtures.sql import await_unnamed_databases
from acceptance.fixtures.supported import SupportedToday

from acceptance.evidence.sqlserver import BacoLogin, Login, RightsSection
from acceptance.findings.record import Record
from acceptance.hosts.sql_instance import SqlInstance
from acceptance.text import NOTHING, Sentence, said


@requirements(
    "sql.answers",
    sections=["server"],
    expected="a SQL Server answers at the address of the inventory",
)
def test_server_answers(sql_as_asked: SqlInstance, record: Record) -> None:
    if sql_as_asked.refused:
        record.found("{failure}", failure=sql_as_asked.failure_text)
        assert not sql_as_asked.refused
    server = sql_as_asked.answering
    record.found(
        "SQL Server {version} {level}, {edition}, on {machine}",
        version=server.version,
        level=server.level,
        edition=server.edition,
        machine=server.machine_name or said("a machine that it does not name"),
    )


@requirements(
    "sql.login",
    inventory=["service_account"],
    sections=["server", "logins", "rights"],
    windows_sections=["accounts"],
    expected="a login of its own or of a group lets the service account in, "
    "enabled and with CONNECT SQL",
)
def test_service_account_can_log_in(
    sql: SqlInstance, replicas_asked: list[str], record: Record
) -> None:
    own, rights = sql.own_login(), sql.rights()
    record.found(login_text(own, rights))
    if rights and kept_out_by_group(own, rights):
        for group in groups_of(rights):
            record.mend("by_group", group=group)
    assert rights
    assert rights.letting_in
    assert rights.connect_sql
    assert not own or not own.is_disabled
    await_where_others_may_differ(sql, replicas_asked, record)
    await_an_unproven_sid(sql, record)


@requirements(
    "sql.sysadmin",
    inventory=["service_account"],
    sections=["server", "logins", "rights"],
    windows_sections=["accounts"],
    expected="the service account is sysadmin, by itself or by a group",
)
def test_service_account_is_sysadmin(
    sql: SqlInstance, replicas_asked: list[str], record: Record
) -> None:
    rights = sql.rights()
    record.found(login_text(sql.own_login(), rights))
    assert rights
    by = [token.name for token in rights.letting_in if token.brings_sysadmin]
    if by:
        record.found("sysadmin by {names}", names=", ".join(by))
    assert rights.letting_in  # who may not log in is nothing there
    assert rights.is_sysadmin
    await_where_others_may_differ(sql, replicas_asked, record)
    await_an_unproven_sid(sql, record)


@requirements(
    "sql.read",
    inventory=["service_account", "databases.exact"],
    sections=["logins", "rights", "databases", "access"],
    expected="the service account can SELECT from every table of every Exact database",
)
def test_service_account_reads_exact_databases(sql: SqlInstance, record: Record) -> None:
    reading = {name: sql.can_read(name) for name in sql.exact_databases()}
    record.found_each(
        said("{database}: {reach}", database=name, reach=reach.text)
        for name, reach in reading.items()
    )
    lacking = {name: reach for name, reach in reading.items() if not reach.enough}
    record.concerns(list(lacking))
    for name, reach in lacking.items():
        record.mend(reach.cause, database=name)
    assert all(reach.enough for reach in reading.values())
    for name, reach in reading.items():
        if reach.doubt:
            record.cannot_decide("{database}: {doubt}", database=name, doubt=reach.doubt)
    await_unnamed_databases(sql, record)


@requirements(
    "sql.read_write",
    inventory=["service_account", "databases.clickker"],
    sections=["logins", "rights", "databases", "access"],
    expected="the service account can SELECT, INSERT, UPDATE and DELETE in the Clickker database",
)
def test_service_account_writes_clickker_database(sql: SqlInstance, record: Record) -> None:
    database = sql.clickker_database()
    reach = sql.can_write(database)
    record.found("{database}: {reach}", database=database, reach=reach.text)
    record.concerns([] if reach.enough else [database])
    record.mend(reach.cause)
    assert reach.enough
    if reach.doubt:
        record.cannot_decide("{database}: {doubt}", database=database, doubt=reach.doubt)


@requirements("sql.baco", sections=["server", "baco"], expected="a server login BACO")
def test_baco_is_present(sql: SqlInstance, replicas_asked: list[str], record: Record) -> None:
    logins = sql.baco_logins()
    record.found_each(baco_text(one) for one in logins)
    kinds = [one.type for one in logins if one.is_baco]
    assert kinds
    if "SQL_LOGIN" not in kinds:
        record.cannot_decide(
            "the login BACO is no login of SQL Server's own, but a {type}", type=kinds[0]
        )
    await_where_others_may_differ(sql, replicas_asked, record)


@requirements(
    "sql.baco_usable",
    sections=["baco", "server"],
    expected="the login BACO is enabled, may connect, is neither locked nor expired, "
    "and the server takes SQL logins",
)
def test_baco_is_usable(sql: SqlInstance, replicas_asked: list[str], record: Record) -> None:
    logins = [(one.name, one.obstacles(sql.server)) for one in sql.baco_logins() if one.is_baco]
    record.found_each(
        said("login {name}: {obstacles}", name=name, obstacles=obstacles or said("usable"))
        for name, obstacles in logins
    )
    assert logins
    assert not any(obstacles for _, obstacles in logins)
    await_where_others_may_differ(sql, replicas_asked, record)


@requirements(
    "sql.baco_user",
    inventory=["databases.exact"],
    sections=["databases", "principals"],
    expected="the user BACO of an Exact database belongs to the login BACO",
)
def test_baco_user_is_not_orphaned(sql: SqlInstance, record: Record) -> None:
    found = {name: sql.baco_principals(name) for name in sql.exact_databases()}
    record.found_each(
        said(
            "{database}: {principals}",
            database=name,
            principals=[one.in_words() for one in principals] or said("none"),
        )
        for name, principals in found.items()
    )
    cut_off = [name for name, principals in found.items() if any(one.cut_off for one in principals)]
    record.concerns(cut_off)
    for name in cut_off:
        record.mend(database=name)
    assert not cut_off
    users = [one for principals in found.values() for one in principals if one.is_user]
    if not all(one.belongs for one in users):
        record.cannot_decide(
            "a user BACO is of no login at all, by design: "
            "whether Exact can use it is published nowhere"
        )
    if not users:
        record.cannot_decide(
            "no Exact database has a user BACO; whether Exact needs one there is published nowhere"
        )
    await_unnamed_databases(sql, record)


@requirements(
    "sql.version", sections=["server"], expected="a version of SQL Server that Exact supports"
)
def test_version_is_supported(sql: SqlInstance, supported: SupportedToday, record: Record) -> None:
    server = sql.server
    record.found("{version} ({edition})", version=server.version, edition=server.edition)
    answer = supported.of("SQL Server", server.version)
    record.expected = answer.expected
    if answer.state == "awaiting":
        record.cannot_decide("{why}", why=answer.why)
    assert answer.state == "supported"


def await_where_others_may_differ(sql: SqlInstance, asked: list[str], record: Record) -> None:
    """Logins are each replica's own: what one has, another may lack."""
    others = sql.replicas_elsewhere(asked)
    if others:
        record.cannot_decide(
            "{answered} answered, and logins are each replica's own: ask {others} too",
            answered=sql.server.answered_on or sql.server.machine_name or sql.host,
            others=", ".join(others),
        )


def await_an_unproven_sid(sql: SqlInstance, record: Record) -> None:
    """A login that a deleted account of the same name left behind lets nobody in."""
    unproven = sql.sid_unproven()
    if unproven:
        record.cannot_decide(
            "{unproven}: compare it with the account's in Windows, "
            "since a deleted account of the same name may have left the login behind",
            unproven=unproven,
        )


def baco_text(login: BacoLogin) -> Sentence:
    text = "login {name} ({type})"
    if not login.is_baco:
        text = "login {name} ({type}), which this server does not take for BACO: its case differs"
    return said(text, name=login.name, type=login.type)


def login_text(own: Login | None, rights: RightsSection | None) -> Sentence:
    if rights is None:
        return said("SQL Server knows no such login")
    groups = groups_of(rights)
    return said(
        "{login}; groups: {groups}{connect}; sysadmin: {sysadmin}",
        login=own_login_text(own),
        groups=", ".join(groups) or said("none"),
        connect=NOTHING if rights.connect_sql else said("; CONNECT SQL is not granted, or denied"),
        sysadmin=said("yes") if rights.is_sysadmin else said("no"),
    )


def groups_of(rights: RightsSection) -> list[str]:
    return [token.name for token in rights.letting_in if token.type == "WINDOWS GROUP"]


def kept_out_by_group(own: Login | None, rights: RightsSection) -> bool:
    """Nothing that is said of its own login keeps it out: a grant to that would mend nothing."""
    own_is_fine = own is None or (
        not own.is_disabled and own.connect_sql in ("GRANT", "GRANT_WITH_GRANT_OPTION")
    )
    return bool(groups_of(rights)) and not rights.connect_sql and own_is_fine


def own_login_text(own: Login | None) -> Sentence:
    if own is None:
        return said("no login of its own")
    if own.is_disabled:
        return said("own login {name}, DISABLED", name=own.name)
    return said("own login {name}", name=own.name)
