-- Section product, per Exact database: is it one, and of which product? person_id and user_id are null where dbo.humres has no such column
-- (other vendors have a table of that name too). tables: those of the named ones that exist; see ProductSection for what they hint at.
-- Needs VIEW DEFINITION in the database: sees_all says whether we have it, since hidden is not absent. SQL Server 2012 and later.
SELECT
    HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), 'DATABASE', 'VIEW DEFINITION') AS sees_all,
    COL_LENGTH(N'dbo.humres', N'res_id') AS person_id,
    COL_LENGTH(N'dbo.humres', N'usr_id') AS user_id;

SELECT o.name AS name
FROM sys.objects AS o
INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = N'dbo'
    AND o.type IN ('U', 'V')
    AND o.name IN (
        N'humres', N'HRRoles', N'HRRoleDefs', N'bedryf', N'BacoSettings', N'ExactLicense', N'ExactOptions', N'LicenseWSCallLog',
        N'OnlineSessions', N'BacoLoginLog', N'BacoAppLog', N'BacoProcessLog', N'BackgroundJobSettings',
        N'gbkmut', N'grtbk', N'dagbk'
    )
ORDER BY o.name;
