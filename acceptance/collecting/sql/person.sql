-- Section person, per Exact database: the rows of dbo.humres that could be the service account. Exact wants the bare Windows name: a row
-- with the domain or with spaces around it is found too, and told apart. Needs SELECT on dbo.humres. SQL Server 2012 and later.
SELECT GETDATE() AS local_now;

SELECT
    h.res_id AS person_id,
    h.usr_id AS user_id,
    h.blocked AS blocked,
    h.UserLicenseType AS licence_type,
    h.ldatindienst AS in_service,
    h.ldatuitdienst AS out_of_service,
    h.emp_stat AS status,
    h.emp_type AS type
FROM dbo.humres AS h
WHERE LTRIM(RTRIM(h.usr_id)) COLLATE Latin1_General_CI_AS IN (@user, @account)
ORDER BY h.res_id;
