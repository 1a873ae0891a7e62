-- Section server: version, edition, collation, authentication mode, and as whom we asked. Needs no right beyond the login.
-- Source: SERVERPROPERTY (facts-windows 4.1). SQL Server 2012 and later.
SELECT
    CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
    CAST(SERVERPROPERTY('ProductLevel') AS nvarchar(128)) AS level,
    CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
    CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
    CAST(SERVERPROPERTY('Collation') AS nvarchar(128)) AS collation,
    CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int) AS windows_only,
    CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine_name,
    CAST(SERVERPROPERTY('InstanceName') AS nvarchar(128)) AS instance_name,
    SUSER_SNAME() AS asked_as;
