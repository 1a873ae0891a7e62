-- Section roles, per Exact database: the roles of the service account, and all that are defined, by description with their ids.
-- definitions: how many are defined. Needs SELECT on dbo.humres, dbo.HRRoles and dbo.HRRoleDefs. SQL Server 2012 and later.
SELECT COUNT(*) AS definitions
FROM dbo.HRRoleDefs AS d;

SELECT
    h.res_id AS person_id,
    r.RoleID AS role_id,
    d.Description AS description,
    r.RoleLevel AS level,
    r.Division AS division
FROM dbo.humres AS h
INNER JOIN dbo.HRRoles AS r ON r.EmpID = h.res_id
LEFT JOIN dbo.HRRoleDefs AS d ON d.ID = r.RoleID
WHERE LTRIM(RTRIM(h.usr_id)) COLLATE Latin1_General_CI_AS = @user
ORDER BY r.RoleID, r.Division;

SELECT
    d.ID AS role_id,
    d.Description AS description
FROM dbo.HRRoleDefs AS d
ORDER BY d.ID;
