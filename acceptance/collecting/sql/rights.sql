-- Section rights: what the service account may do on this server, asked as the account itself, so that groups count. Needs sysadmin;
-- else IMPERSONATE and a login of its own. Fails with 15404 where SQL Server cannot read the domain. logins: the logins, own and of
-- groups, that count for the account; brings_sysadmin: members of sysadmin, the role with principal_id 3. SQL Server 2012 and later.
EXECUTE AS LOGIN = @account;

SELECT
    SUSER_SNAME() AS asked_as,
    IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin,
    HAS_PERMS_BY_NAME(NULL, NULL, 'CONTROL SERVER') AS control_server,
    HAS_PERMS_BY_NAME(NULL, NULL, 'CONNECT SQL') AS connect_sql;

SELECT
    t.name AS name,
    t.type AS type,
    t.usage AS usage,
    CASE WHEN m.member_principal_id IS NULL THEN 0 ELSE 1 END AS brings_sysadmin
FROM sys.login_token AS t
LEFT JOIN sys.server_role_members AS m
    ON m.member_principal_id = t.principal_id AND m.role_principal_id = 3
WHERE t.principal_id > 0 AND t.type IN ('WINDOWS LOGIN', 'WINDOWS GROUP', 'SQL LOGIN')
ORDER BY t.name;

SELECT
    d.name AS name,
    HAS_DBACCESS(d.name) AS accessible
FROM sys.databases AS d
ORDER BY d.name;

REVERT;
