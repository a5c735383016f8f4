@echo off
REM What two snapshots have not in common, as ZooKeeper's zkSnapshotComparer.cmd.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\toolkits\snapshot-comparer.js" %JVMFLAGS% %*

@endlocal
