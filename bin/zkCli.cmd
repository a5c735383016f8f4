@echo off
REM ZooKeeper at the command line, as ZooKeeper's zkCli.cmd.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\zk-cli.js" %CLIENT_JVMFLAGS% %JVMFLAGS% %*

@endlocal
