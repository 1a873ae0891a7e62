"""The catalog views by name: their columns, with the names, the order and the types of SQL Server 2019, and their rows.

Columns that no collector could want are left out, and asking for one is an error (names.py), never NULL.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from acceptance.simulator.sqlserver import catalog, security
from acceptance.simulator.sqlserver.sqltypes import SqlType, parse_type


@dataclass(frozen=True)
class View:
    """A catalog view. `server` views have the server's collation, the others their database's."""

    columns: dict[str, SqlType]
    rows: Callable[[catalog.Asker, str], Iterable[catalog.Row]]
    server: bool


def columns(declaration: str) -> dict[str, SqlType]:
    """`name sysname, state tinyint` as a view's columns."""
    pairs = (item.split(maxsplit=1) for item in declaration.split(","))
    return {name: parse_type(kind) for name, kind in pairs}


_OBJECT = (
    "name sysname, object_id int, principal_id int, schema_id int, parent_object_id int, type char(2), "
    "type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit"
)
_LOGIN = (
    "name sysname, principal_id int, sid varbinary(85), type char(1), type_desc nvarchar(60), is_disabled bit, "
    "create_date datetime, modify_date datetime, default_database_name sysname, default_language_name sysname, "
    "credential_id int"
)
_PERMISSION = (
    "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, grantee_principal_id int, "
    "grantor_principal_id int, type char(4), permission_name nvarchar(128), state char(1), state_desc nvarchar(60)"
)
_TOKEN = "principal_id int, sid varbinary(85), name nvarchar(128), type nvarchar(128), usage nvarchar(128)"  # noqa: S105 - columns

VIEWS: dict[str, View] = {
    "sys.databases": View(
        columns(
            "name sysname, database_id int, source_database_id int, owner_sid varbinary(85), create_date datetime, "
            "compatibility_level tinyint, collation_name sysname, user_access tinyint, user_access_desc nvarchar(60), "
            "is_read_only bit, state tinyint, state_desc nvarchar(60), recovery_model tinyint, "
            "recovery_model_desc nvarchar(60), containment tinyint, containment_desc nvarchar(60)"
        ),
        catalog.databases_rows,
        server=True,
    ),
    "sys.server_principals": View(
        columns(f"{_LOGIN}, owning_principal_id int, is_fixed_role bit"),
        catalog.server_principals_rows,
        server=True,
    ),
    "sys.sql_logins": View(
        columns(f"{_LOGIN}, is_policy_checked bit, is_expiration_checked bit"),
        catalog.sql_logins_rows,
        True,
    ),
    "sys.server_role_members": View(
        columns("role_principal_id int, member_principal_id int"),
        catalog.server_role_members_rows,
        server=True,
    ),
    "sys.server_permissions": View(
        columns(_PERMISSION), catalog.server_permissions_rows, server=True
    ),
    "sys.login_token": View(columns(_TOKEN), catalog.login_token_rows, server=True),
    "sys.user_token": View(columns(_TOKEN), catalog.user_token_rows, server=False),
    "sys.dm_exec_connections": View(
        columns(
            "session_id int, most_recent_session_id int, connect_time datetime, net_transport nvarchar(40), "
            "protocol_type nvarchar(40), encrypt_option nvarchar(40), auth_scheme nvarchar(40), "
            "client_net_address varchar(48), local_net_address varchar(48), local_tcp_port int"
        ),
        catalog.connections_rows,
        server=True,
    ),
    "sys.dm_exec_sessions": View(
        columns(
            "session_id smallint, login_time datetime, login_name nvarchar(128), original_login_name nvarchar(128), "
            "status nvarchar(30), is_user_process bit"
        ),
        catalog.sessions_rows,
        server=True,
    ),
    "sys.database_principals": View(
        columns(
            "name sysname, principal_id int, type char(1), type_desc nvarchar(60), default_schema_name sysname, "
            "create_date datetime, modify_date datetime, owning_principal_id int, sid varbinary(85), "
            "is_fixed_role bit, authentication_type int, authentication_type_desc nvarchar(60)"
        ),
        catalog.database_principals_rows,
        server=False,
    ),
    "sys.database_role_members": View(
        columns("role_principal_id int, member_principal_id int"),
        catalog.database_role_members_rows,
        server=False,
    ),
    "sys.database_permissions": View(
        columns(_PERMISSION), catalog.database_permissions_rows, server=False
    ),
    "sys.schemas": View(
        columns("name sysname, schema_id int, principal_id int"), catalog.schemas_rows, server=False
    ),
    "sys.tables": View(columns(_OBJECT), catalog.tables_rows, server=False),
    "sys.objects": View(columns(_OBJECT), catalog.tables_rows, server=False),
    "sys.views": View(columns(_OBJECT), catalog.no_rows, server=False),
    "sys.columns": View(
        columns(
            "object_id int, name sysname, column_id int, system_type_id tinyint, user_type_id int, "
            "max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, "
            "is_identity bit, is_computed bit"
        ),
        catalog.columns_rows,
        server=False,
    ),
    "sys.types": View(
        columns("name sysname, system_type_id tinyint, schema_id int, user_type_id int"),
        catalog.types_rows,
        server=False,
    ),
    "INFORMATION_SCHEMA.TABLES": View(
        columns(
            "TABLE_CATALOG nvarchar(128), TABLE_SCHEMA nvarchar(128), TABLE_NAME sysname, TABLE_TYPE varchar(10)"
        ),
        catalog.information_tables_rows,
        server=False,
    ),
    "INFORMATION_SCHEMA.COLUMNS": View(
        columns(
            "TABLE_CATALOG nvarchar(128), TABLE_SCHEMA nvarchar(128), TABLE_NAME sysname, COLUMN_NAME sysname, "
            "ORDINAL_POSITION int, IS_NULLABLE varchar(3), DATA_TYPE nvarchar(128), CHARACTER_MAXIMUM_LENGTH int, "
            "COLLATION_NAME sysname"
        ),
        catalog.information_columns_rows,
        server=False,
    ),
}
PERMISSION_COLUMNS = columns(
    "entity_name sysname, subentity_name sysname, permission_name nvarchar(60)"
)


def my_permissions(
    asker: catalog.Asker, database: str, securable: str | None, kind: str
) -> list[catalog.Row]:
    """sys.fn_my_permissions for the classes SERVER and DATABASE."""
    if kind == "SERVER":
        held = [
            p
            for p in security.SERVER_PERMISSIONS
            if security.holds_server(asker.twin, asker.context, p)
        ]
        return [("server", "", permission) for permission in held]
    if kind == "DATABASE" and securable is None:
        known = security.DATABASE_PERMISSIONS
        held = [p for p in known if security.holds_database(asker.twin, asker.context, database, p)]
        return [("database", "", permission) for permission in held]
    return []
