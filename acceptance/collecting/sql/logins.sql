-- Section logins: the login of the service account itself, found by its SID or its name, with its SID as hexadecimal text. Windows lets
-- nobody in by a name, and SUSER_SID may answer with what is stored under the name, so only Windows' own word tells whether the login is
-- still this account's. Needs VIEW ANY DEFINITION: sees_all says whether we have it, since hidden is not absent; is_sysadmin is about
-- us, too. connect_sql is null where CONNECT SQL was neither granted nor denied. SQL Server 2012 and later.
SELECT
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS sees_all,
    IS_SRVROLEMEMBER('sysadmin') AS is_sysadmin,
    CASE WHEN SUSER_SID(@account) IS NULL THEN 0 ELSE 1 END AS account_known;

SELECT
    p.name AS name,
    CONVERT(nvarchar(172), p.sid, 1) AS sid,
    p.type_desc AS type,
    p.is_disabled AS is_disabled,
    x.state_desc AS connect_sql
FROM sys.server_principals AS p
LEFT JOIN sys.server_permissions AS x
    ON x.grantee_principal_id = p.principal_id AND x.class = 100 AND x.type = 'COSQ'
WHERE p.sid = SUSER_SID(@account) OR p.name = @account
ORDER BY p.name;
