@echo off
REM From checkpoints to snapshots and back, as zkCheckpointToolkit.sh.

setlocal
call "%~dp0zkEnv.cmd" || exit /b 1

"%NODE%" "%~dp0..\dist\src\cli\toolkits\checkpoint-toolkit.js" %JVMFLAGS% %*

@endlocal
