-- Section databases: state, collation and compatibility level. Needs VIEW ANY DATABASE, which public has unless it was
-- withdrawn: sees_all says so, since hidden is not absent. accessible is about the account that asks;
-- is_read_only is 1 on a readable secondary too. case_sensitive: how this server compares the names of databases and logins, asked of
-- itself. exact_tables: whether one of Exact's tables is seen there; null where we cannot look, and where tables may be hidden
-- from us, which OBJECT_ID does not tell from absent ones. SQL Server 2012 and later.
SELECT
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DATABASE') AS sees_all,
    CASE WHEN N'a' = N'A' THEN 0 ELSE 1 END AS case_sensitive;

SELECT
    d.name AS name,
    d.state_desc AS state,
    d.collation_name AS collation,
    d.compatibility_level AS compatibility_level,
    CASE WHEN CAST(DATABASEPROPERTYEX(d.name, 'Updateability') AS nvarchar(20)) = N'READ_ONLY' THEN 1 ELSE d.is_read_only END AS is_read_only,
    d.user_access_desc AS user_access,
    HAS_DBACCESS(d.name) AS accessible,
    CASE
        WHEN d.state <> 0 OR COALESCE(HAS_DBACCESS(d.name), 0) = 0 THEN NULL
        WHEN OBJECT_ID(QUOTENAME(d.name) + N'.dbo.humres') IS NOT NULL THEN 1
        WHEN OBJECT_ID(QUOTENAME(d.name) + N'.dbo.BacoSettings') IS NOT NULL THEN 1
        WHEN OBJECT_ID(QUOTENAME(d.name) + N'.dbo.ExactLicense') IS NOT NULL THEN 1
        WHEN HAS_PERMS_BY_NAME(QUOTENAME(d.name), N'DATABASE', N'VIEW DEFINITION') = 1 THEN 0
    END AS exact_tables
FROM sys.databases AS d
ORDER BY d.name;
