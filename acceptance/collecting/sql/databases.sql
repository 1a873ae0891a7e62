-- Section databases: state, collation and compatibility level. Needs VIEW ANY DATABASE, which public has unless it was
-- withdrawn: sees_all says so, since hidden is not absent. accessible is about the account that asks;
-- is_read_only is 1 on a readable secondary too. SQL Server 2012 and later.
SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DATABASE') AS sees_all;

SELECT
    d.name AS name,
    d.state_desc AS state,
    d.collation_name AS collation,
    d.compatibility_level AS compatibility_level,
    CASE WHEN CAST(DATABASEPROPERTYEX(d.name, 'Updateability') AS nvarchar(20)) = N'READ_ONLY' THEN 1 ELSE d.is_read_only END AS is_read_only,
    d.user_access_desc AS user_access,
    HAS_DBACCESS(d.name) AS accessible
FROM sys.databases AS d
ORDER BY d.name;
