-- Section baco: server logins called BACO in any case. Needs VIEW ANY DEFINITION: sees_all says whether we have it, since hidden is not
-- absent. is_locked and the like are null for what is no SQL login. by_server: whether the server itself, by its own collation, takes the
-- name for BACO. sysadmin: 1 for a member of that role (its id is 3), whom no DENY stops; connect_by_role: how many of its server roles
-- grant CONNECT SQL. No password is read. SQL Server 2012 and later.
SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS sees_all;

SELECT
    p.name AS name,
    CASE WHEN p.name = N'BACO' THEN 1 ELSE 0 END AS by_server,
    p.type_desc AS type,
    p.is_disabled AS is_disabled,
    p.default_database_name AS default_database,
    CAST(LOGINPROPERTY(p.name, 'IsLocked') AS int) AS is_locked,
    CAST(LOGINPROPERTY(p.name, 'IsExpired') AS int) AS is_expired,
    CAST(LOGINPROPERTY(p.name, 'IsMustChange') AS int) AS is_must_change,
    x.state_desc AS connect_sql,
    (
        SELECT COUNT(*)
        FROM sys.server_role_members AS s
        WHERE s.member_principal_id = p.principal_id AND s.role_principal_id = 3
    ) AS sysadmin,
    (
        SELECT COUNT(*)
        FROM sys.server_role_members AS m
        INNER JOIN sys.server_permissions AS y ON y.grantee_principal_id = m.role_principal_id
        WHERE m.member_principal_id = p.principal_id AND y.class = 100 AND y.type = 'COSQ' AND y.state IN ('G', 'W')
    ) AS connect_by_role
FROM sys.server_principals AS p
LEFT JOIN sys.server_permissions AS x
    ON x.grantee_principal_id = p.principal_id AND x.class = 100 AND x.type = 'COSQ'
WHERE p.name COLLATE Latin1_General_CI_AS = N'BACO'
ORDER BY p.name;
