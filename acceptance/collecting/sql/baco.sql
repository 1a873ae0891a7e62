-- Section baco: server logins called BACO in any case. Needs VIEW ANY DEFINITION: sees_all says whether we have it, since hidden is not
-- absent. is_locked and the like are null for what is no SQL login. No password is read. SQL Server 2012 and later.
SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS sees_all;

SELECT
    p.name AS name,
    p.type_desc AS type,
    p.is_disabled AS is_disabled,
    p.default_database_name AS default_database,
    CAST(LOGINPROPERTY(p.name, 'IsLocked') AS int) AS is_locked,
    CAST(LOGINPROPERTY(p.name, 'IsExpired') AS int) AS is_expired,
    CAST(LOGINPROPERTY(p.name, 'IsMustChange') AS int) AS is_must_change,
    x.state_desc AS connect_sql
FROM sys.server_principals AS p
LEFT JOIN sys.server_permissions AS x
    ON x.grantee_principal_id = p.principal_id AND x.class = 100 AND x.type = 'COSQ'
WHERE p.name COLLATE Latin1_General_CI_AS = N'BACO'
ORDER BY p.name;
