-- Runs one collector inside one database; reads nothing itself. The collector's text, the database's name and the values travel as
-- parameters; what follows EXECUTE AS ends with sp_executesql's scope. SQL Server 2012 and later.
SET NOCOUNT ON;
SET LOCK_TIMEOUT 5000; -- milliseconds: whoever holds a lock for longer costs one section, error 1222
DECLARE @run nvarchar(300) = QUOTENAME(?) + N'.sys.sp_executesql';
EXECUTE @run ?, N'@account nvarchar(256), @user nvarchar(256), @option nvarchar(10)', @account = ?, @user = ?, @option = ?;
