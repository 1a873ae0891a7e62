-- Section principals, per database: users and application roles called BACO in any case, and users that belong to a login of that name.
-- Needs VIEW DEFINITION in the database and VIEW ANY DEFINITION on the server: sees_all and sees_logins say whether we have them, since
-- hidden is not absent. login is null for an orphaned user. by_database, login_by_server: whether the database, and the server, by their
-- own collations, take the names for BACO. SQL Server 2012 and later.
SELECT
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DEFINITION') AS sees_all,
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS sees_logins;

SELECT
    u.name AS name,
    u.type_desc AS type,
    u.authentication_type_desc AS authentication,
    p.name AS login,
    CASE WHEN u.name = N'BACO' THEN 1 ELSE 0 END AS by_database,
    CASE WHEN p.name = N'BACO' THEN 1 ELSE 0 END AS login_by_server
FROM sys.database_principals AS u
LEFT JOIN sys.server_principals AS p ON p.sid = u.sid
WHERE u.name COLLATE Latin1_General_CI_AS = N'BACO' OR p.name COLLATE Latin1_General_CI_AS = N'BACO'
ORDER BY u.name;
