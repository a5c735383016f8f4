@echo off
REM What is in a snapshot, as ZooKeeper's zkSnapShotToolkit.cmd.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\toolkits\snapshot-formatter.js" %JVMFLAGS% %*

@endlocal
