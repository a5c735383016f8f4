@echo off
REM The sizes of a snapshot's subtrees, as ZooKeeper's zkSnapshotRecursiveSummaryToolkit.cmd.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\toolkits\snapshot-recursive-summary.js" %JVMFLAGS% %*

@endlocal
