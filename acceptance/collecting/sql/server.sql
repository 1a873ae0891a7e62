-- Section server: version, edition, collation, authentication mode, and as whom we asked; which machine answered, and which replicas its
-- availability groups have, since logins are each replica's own. Needs no right beyond the login; for the replicas VIEW ANY DEFINITION:
-- sees_replicas says whether we have it; other engines than SQL Server's may lack the view. Source: SERVERPROPERTY and
-- sys.availability_replicas (Microsoft Learn). SQL Server 2012 and later.
SELECT
    CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
    CAST(SERVERPROPERTY('ProductLevel') AS nvarchar(128)) AS level,
    CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
    CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
    CAST(SERVERPROPERTY('Collation') AS nvarchar(128)) AS collation,
    CAST(SERVERPROPERTY('IsIntegratedSecurityOnly') AS int) AS windows_only,
    CAST(SERVERPROPERTY('MachineName') AS nvarchar(128)) AS machine_name,
    CAST(SERVERPROPERTY('InstanceName') AS nvarchar(128)) AS instance_name,
    SUSER_SNAME() AS asked_as,
    CAST(SERVERPROPERTY('ServerName') AS nvarchar(256)) AS server_name,
    CAST(SERVERPROPERTY('ComputerNamePhysicalNetBIOS') AS nvarchar(128)) AS answered_on,
    CAST(SERVERPROPERTY('IsHadrEnabled') AS int) AS hadr,
    HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS sees_replicas;

IF CAST(SERVERPROPERTY('EngineEdition') AS int) IN (1, 2, 3, 4) AND HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') = 1
    SELECT DISTINCT r.replica_server_name AS name
    FROM sys.availability_replicas AS r
    ORDER BY r.replica_server_name;
ELSE
    SELECT NULL AS name WHERE 1 = 0;
