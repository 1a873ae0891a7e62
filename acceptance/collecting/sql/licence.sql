-- Section licence, per Exact database: number and name of the Exact licence. The binary columns (type, dates, checksum, certificate) are
-- Exact's own and never read. Needs SELECT on dbo.ExactLicense. SQL Server 2012 and later.
SELECT DB_NAME() AS name;

SELECT
    l.Number AS number,
    l.Name AS name,
    l.CustomerID AS customer_id,
    l.ActivationDate AS activated
FROM dbo.ExactLicense AS l
ORDER BY l.Number;
