-- Section person, per Exact database: the rows of dbo.humres that could be the service account. Exact wants the bare Windows name: a row
-- with the domain or with spaces around it is found too, and told apart. Needs SELECT on dbo.humres. SQL Server 2012 and later.
-- Some releases have a column BackOfficeBlocked. Its bare name in the inner query means that column where there is one,
-- else the NULL of the table called absent: a query that names a column of a table that has none does not run at all.
SELECT
    GETDATE() AS local_now,
    CASE WHEN COL_LENGTH(N'dbo.humres', N'BackOfficeBlocked') IS NULL THEN 0 ELSE 1 END AS has_back_office_blocked;

SELECT
    h.res_id AS person_id,
    h.usr_id AS user_id,
    h.blocked AS blocked,
    h.UserLicenseType AS licence_type,
    h.ldatindienst AS in_service,
    h.ldatuitdienst AS out_of_service,
    h.emp_stat AS status,
    h.emp_type AS type,
    (
        SELECT TOP (1) CAST(BackOfficeBlocked AS nvarchar(10))
        FROM dbo.humres AS own
        WHERE own.res_id = h.res_id
    ) AS back_office_blocked
FROM dbo.humres AS h
CROSS JOIN (SELECT NULL AS BackOfficeBlocked) AS absent
WHERE LTRIM(RTRIM(h.usr_id)) COLLATE Latin1_General_CI_AS IN (@user, @account)
ORDER BY h.res_id;
