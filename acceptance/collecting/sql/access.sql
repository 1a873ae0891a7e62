-- Section access, per database: what the service account may read and write there, asked as the account itself. Needs what section
-- rights needs. tables counts what we see ourselves, and sees_all says whether that is all: the account sees only what it may use.
-- denied_columns: how many columns are denied to anybody, which no answer about a whole table tells. SQL Server 2012 and later.
DECLARE @sees_all int = HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DEFINITION');
DECLARE @tables int = (SELECT COUNT(*) FROM sys.tables AS t WHERE t.is_ms_shipped = 0);
DECLARE @denied_columns int = (SELECT COUNT(*) FROM sys.database_permissions AS x WHERE x.class = 1 AND x.minor_id > 0 AND x.state = 'D');

EXECUTE AS LOGIN = @account;

SELECT
    @sees_all AS sees_all,
    @denied_columns AS denied_columns,
    USER_NAME() AS user_name,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'SELECT') AS can_select,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'INSERT') AS can_insert,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'UPDATE') AS can_update,
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'DELETE') AS can_delete,
    IS_ROLEMEMBER('db_owner') AS is_owner,
    IS_ROLEMEMBER('db_datareader') AS is_datareader,
    IS_ROLEMEMBER('db_datawriter') AS is_datawriter,
    @tables AS tables,
    COALESCE(SUM(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'SELECT')), 0) AS tables_select,
    COALESCE(SUM(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'INSERT')), 0) AS tables_insert,
    COALESCE(SUM(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'UPDATE')), 0) AS tables_update,
    COALESCE(SUM(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), 'OBJECT', 'DELETE')), 0) AS tables_delete
FROM sys.tables AS t
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0;

REVERT;
