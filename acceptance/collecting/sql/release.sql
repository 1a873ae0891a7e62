-- Section release, per Exact database: every place that may hold the release; none of them is documented to. A table that
-- is not there gives no rows; section product tells which are. Needs SELECT on the tables. SQL Server 2012 and later.
SELECT DB_NAME() AS name;

IF OBJECT_ID(N'dbo.bedryf') IS NOT NULL
    SELECT
        b.bedrnr AS division,
        b.VersionMajor AS version_major,
        b.VersionMinor AS version_minor,
        b.Revision AS revision,
        b.Build AS build,
        b.batchlevel AS batch_level
    FROM dbo.bedryf AS b
    ORDER BY b.bedrnr;
ELSE
    SELECT NULL AS division WHERE 1 = 0;

IF OBJECT_ID(N'dbo.BacoSettings') IS NOT NULL
    SELECT
        s.SettingGroup AS setting_group,
        s.SettingName AS setting_name,
        s.StringValue AS string_value,
        s.LongValue AS long_value
    FROM dbo.BacoSettings AS s
    WHERE s.SettingName LIKE N'%version%' OR s.SettingName LIKE N'%release%' OR s.SettingName LIKE N'%Version%' OR s.SettingName LIKE N'%Release%'
    ORDER BY s.SettingGroup, s.SettingName;
ELSE
    SELECT NULL AS setting_group WHERE 1 = 0;

IF OBJECT_ID(N'dbo.LicenseWSCallLog') IS NOT NULL
    SELECT DISTINCT
        c.Release AS release,
        c.ServicePack AS service_pack
    FROM dbo.LicenseWSCallLog AS c
    ORDER BY c.Release, c.ServicePack;
ELSE
    SELECT NULL AS release WHERE 1 = 0;
