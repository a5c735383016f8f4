@echo off
REM A transaction log, printed, mended or cut off, as ZooKeeper's zkTxnLogToolkit.cmd.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\toolkits\txn-log-toolkit.js" %JVMFLAGS% %*

@endlocal
