@echo off
REM Runs the server in this window, on conf\zoo.cfg, as ZooKeeper's zkServer.cmd does; Ctrl-C stops it.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1
set "ZOO_LOG_FILE=zookeeper-%USERNAME%-server-%COMPUTERNAME%.log"

echo on
"%NODE%" "%~dp0..\dist\src\main.js" "-Dzookeeper.log.dir=%ZOO_LOG_DIR%" "-Dzookeeper.log.file=%ZOO_LOG_FILE%" %SERVER_JVMFLAGS% %JVMFLAGS% "%ZOOCFG%" %*

@endlocal
