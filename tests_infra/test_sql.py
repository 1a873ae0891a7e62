"""SQL Server, its logins, and what the service account may do there."""

from acceptance.fixtures.selection import requirements


@requirements(
    "sql.answers",
    sections=["server"],
    expected="a SQL Server answers at the address of the inventory",
)
def test_server_answers(requirement, sql_as_asked, record):
    if sql_as_asked.refused:
        record.found(sql_as_asked.evidence.failure.message)
    else:
        server = sql_as_asked.server
        record.found(
            f"SQL Server {server.version} {server.level}, {server.edition}, on {server.machine_name}"
        )
    assert not sql_as_asked.refused


@requirements(
    "sql.login",
    sections=["logins", "rights"],
    expected="a login of its own or of a group lets the service account in, enabled and with CONNECT SQL",
)
def test_service_account_can_log_in(requirement, sql, customer, record):
    own, rights = sql.own_login(), sql.rights()
    record.found(login_text(own, rights))
    assert rights
    assert rights.tokens
    assert rights.connect_sql
    assert not own or not own.is_disabled


@requirements(
    "sql.sysadmin",
    sections=["logins", "rights"],
    expected="the service account is sysadmin, by itself or by a group",
)
def test_service_account_is_sysadmin(requirement, sql, record):
    rights = sql.rights()
    by = [token.name for token in rights.tokens if token.brings_sysadmin] if rights else []
    record.found(f"sysadmin by {', '.join(by)}" if by else login_text(sql.own_login(), rights))
    assert rights
    assert rights.is_sysadmin


@requirements(
    "sql.read",
    sections=["logins", "rights", "databases", "access"],
    expected="the service account can SELECT from every table of every Exact database",
)
def test_service_account_reads_exact_databases(requirement, sql, record):
    reading = {name: sql.can_read(name) for name in sql.exact_databases()}
    record.found_each(f"{name}: {reach}" for name, reach in reading.items())
    record.concerns([name for name, reach in reading.items() if not reach.enough])
    assert all(reach.enough for reach in reading.values())


@requirements(
    "sql.read_write",
    sections=["logins", "rights", "databases", "access"],
    expected="the service account can SELECT, INSERT, UPDATE and DELETE in the Clickker database",
)
def test_service_account_writes_clickker_database(requirement, sql, record):
    database = sql.clickker_database()
    reach = sql.can_write(database)
    record.found(f"{database}: {reach}")
    record.concerns([] if reach.enough else [database])
    assert reach.enough


@requirements("sql.baco", sections=["baco"], expected="a server login BACO")
def test_baco_is_present(requirement, sql, record):
    logins = sql.baco_logins()
    record.found_each(f"login {login.name} ({login.type})" for login in logins)
    assert logins


@requirements(
    "sql.baco_usable",
    sections=["baco", "server"],
    expected="the login BACO is enabled, may connect, is neither locked nor expired, and the server takes SQL logins",
)
def test_baco_is_usable(requirement, sql, record):
    logins = [(login.name, login.obstacles(sql.server)) for login in sql.baco_logins()]
    record.found_each(
        f"login {name}: {', '.join(obstacles) or 'usable'}" for name, obstacles in logins
    )
    assert logins
    assert not any(obstacles for _, obstacles in logins)


@requirements(
    "sql.baco_user",
    sections=["databases", "principals"],
    expected="the user BACO of an Exact database belongs to the login BACO",
)
def test_baco_user_is_not_orphaned(requirement, sql, record):
    found = {name: sql.baco_principals(name) for name in sql.exact_databases()}
    record.found_each(
        f"{name}: {', '.join(map(str, principals)) or 'none'}" for name, principals in found.items()
    )
    cut_off = [name for name, principals in found.items() if any(one.cut_off for one in principals)]
    record.concerns(cut_off)
    assert not cut_off
    users = [one for principals in found.values() for one in principals if one.is_user]
    if not all(one.belongs for one in users):
        record.cannot_decide(
            "a user BACO is of no login at all, by design: whether Exact can use it is published nowhere"
        )
    if not users:
        record.cannot_decide(
            "no Exact database has a user BACO; whether Exact needs one there is published nowhere"
        )


@requirements(
    "sql.version", sections=["server"], expected="a version of SQL Server that Exact supports"
)
def test_version_is_supported(requirement, sql, customer, record):
    server = sql.server
    record.found(f"{server.version} ({server.edition})")
    accepted = customer.thresholds.sql_versions or requirement.accepted
    if not accepted:
        record.cannot_decide(
            "neither the catalogue nor the inventory (thresholds.sql_versions) names accepted versions"
        )
    record.expected = f"one of {', '.join(accepted)}"
    assert any(f"{server.version}.".startswith(f"{version}.") for version in accepted)


def login_text(own, rights):
    if rights is None:
        return "SQL Server knows no such login"
    login = (
        f"own login {own.name}{', DISABLED' if own.is_disabled else ''}"
        if own
        else "no login of its own"
    )
    groups = [token.name for token in rights.tokens if token.type == "WINDOWS GROUP"]
    connect = "" if rights.connect_sql else "; CONNECT SQL is not granted, or denied"
    return f"{login}; groups: {', '.join(groups) or 'none'}{connect}; sysadmin: {'yes' if rights.is_sysadmin else 'no'}"
