-- Section databases: state, collation and compatibility level. Needs VIEW ANY DATABASE, which public has unless it was
-- withdrawn: sees_all says so, since hidden is not absent. accessible is about the account that asks. SQL Server 2012 and later.
SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DATABASE') AS sees_all;

SELECT
    d.name AS name,
    d.state_desc AS state,
    d.collation_name AS collation,
    d.compatibility_level AS compatibility_level,
    d.is_read_only AS is_read_only,
    d.user_access_desc AS user_access,
    HAS_DBACCESS(d.name) AS accessible
FROM sys.databases AS d
ORDER BY d.name;
