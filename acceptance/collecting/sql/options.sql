-- Section options, per Exact database: one licence option per division, the one whose number the inventory gives. Each option is a column of
-- its own (opt_0 to opt_1022), so its name is put together here, by QUOTENAME. Needs SELECT on dbo.ExactOptions. SQL Server 2012 and later.
DECLARE @read nvarchar(400) = N'SELECT o.Division AS division, CAST(o.' + QUOTENAME(N'opt_' + @option)
    + N' AS int) AS quantity FROM dbo.ExactOptions AS o ORDER BY o.Division;';

SELECT @option AS number;

EXECUTE sys.sp_executesql @read;
