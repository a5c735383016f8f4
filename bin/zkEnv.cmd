@echo off
REM The environment of all .cmd scripts, as zkEnv.sh is that of the .sh ones; called by each of them.

set "ZOOBINDIR=%~dp0"
if not defined ZOOCFGDIR set "ZOOCFGDIR=%~dp0..\conf"
if not defined ZOO_LOG_DIR set "ZOO_LOG_DIR=%~dp0..\logs"
if not defined ZOOCFG set "ZOOCFG=%ZOOCFGDIR%\zoo.cfg"
if not exist "%ZOOCFG%" if exist "%ZOOCFGDIR%\zoo_sample.cfg" (
  echo There is no %ZOOCFG%: using the sample configuration 1>&2
  set "ZOOCFG=%ZOOCFGDIR%\zoo_sample.cfg"
)

set NODE=node
if defined NODE_HOME if exist "%NODE_HOME%\node.exe" set "NODE=%NODE_HOME%\node.exe"
if not exist "%~dp0..\dist\src\main.js" (
  echo Error: dist\src\main.js is missing: run "npm ci" in %~dp0.. 1>&2
  exit /b 1
)
exit /b 0
