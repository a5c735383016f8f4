// What is typed into zkCli: every command, well and badly, and the sessions that people learn ZooKeeper by.
//
// A line belongs to a terminal: "master: create -e /master x". Without a name it is typed into the only one there is.

export interface CliSession {
  readonly name: string;
  readonly lines: readonly string[];
}

/** guides.md 3.1: a node's life. */
const LIFE = `
ls /
create /zkPro myData
ls /
get /zkPro
get -s /zkPro
set /zkPro myData123
set -s /zkPro myData1234
get -s /zkPro
stat /zkPro
delete /zkPro
create /oder/wsdl zhangsan
create /order
create /order/wsdl zhangsan
get /order/wsdl
get -s /order/wsdl
create -e /temp temp
create -s /seq 1
create -s /seq 2
create -e -s /seq 3
ls /order
ls -s /order
ls -R /
deleteall /order
ls /
rmr /temp
ls2 /
history
help
quit`;

const COMMANDS = `
version
whoami
create /a
create /a
create /a/b data
create /a/b/c "two words"
create -e /e eph
create -e /e/child x
create -s /a/s- x
create -e -s /a/es- x
create -c /c
create -c /c/x y
create -t 100000 /ttl t
create -s -t 100000 /ttl-s x
create -c -e /ce
create -c -s /cs
create -t abc /bad
create -t 0 /bad
create -t -5 /bad
create -t 1099511627776 /bad
create -e -t 5 /bad
create -c -t 5 /bad
create /acl data world:anyone:r
create /acl2 data digest:me:wrong:r
create /acl3 data nosuch:x:r
create /acl4 data world:anyone
create /acl5 data world:anyone:xyz
create /acl6 data ip:127.0.0.1:cdrwa,world:anyone:r
create
create -z /z
create z
create /z/
create //z
create /z//y
create /.
create /..
create /missing/x
create ""
getAcl /acl
getAcl -s /acl6
getAcl /missing
getAcl
setAcl /acl world:anyone:cdrwa
setAcl -s /acl6 world:anyone:cdrwa
setAcl -v 7 /acl6 world:anyone:r
setAcl -v 1 /acl6 world:anyone:cdrwa
setAcl -R /a world:anyone:cdrwa
setAcl /a nonsense
setAcl /missing world:anyone:r
setAcl /a
get /a
get /a/b
get -s /a/b
get /missing
get -w /a
get /a true
get
get bad
set /a new
set -s /a/b newer
set /a/b x -v 9
set /a/b x -v 1
set -v 2 /a/b y
set /missing x
set /a
set
stat /a/b
stat -w /a/b
stat /missing
stat /a true
stat
ls /a
ls -s /a
ls -R /a
ls -w /a
ls /missing
ls -z /a
ls /a true
ls
getAllChildrenNumber /
getAllChildrenNumber /missing
getAllChildrenNumber
getEphemerals
getEphemerals /
getEphemerals /a
getEphemerals bad
sync /
sync /missing
sync
addWatch /a
addWatch -m PERSISTENT /a/b
addWatch -m NOSUCH /a
addWatch
set /a 1
set /a/b 2
create /a/w
delete /a/w
removewatches /a
removewatches /a -d
removewatches /a -c
removewatches /a -a
removewatches /missing -a
removewatches
delete /a
delete -v 7 /a/b/c
delete /a/b/c
delete /a/b/c
delete /
delete /zookeeper
delete
delete /c 0
deleteall /a
deleteall /missing
deleteall
deleteall -b 2 /c
deleteall /ttl -b x
printwatches
printwatches off
printwatches on
printwatches maybe
config
config -c
config -s
config -w
reconfig -add server.2=127.0.0.1:2888:3888;2182
reconfig -remove 2
reconfig -file /missing -add x
reconfig
addauth digest me:pw
addauth
whoami
create /mine secret auth::cdrwa
getAcl /mine
get /mine
redo 0
redo 1000
redo
history
nosuchcommand
?
ls / extra arguments here
close
ls /
get /a
connect
ls /
quit`;

const QUOTAS = `
create /q data
create /q/a 12345
create /deep
create /deep/er
listquota /q
setquota -n 3 /q
setquota -n 3 /q
listquota /q
setquota -b 5 /q
listquota /q
setquota -N 4 -B 1000 /q
listquota /q
setquota -n 0 /q
setquota -b -5 /q
setquota -n x /q
setquota -n 3 /missing
setquota -n 3 /zookeeper/quota
setquota -n 1 /deep/er
setquota -n 1 /deep
setquota -n 1 /q/a
setquota /q
setquota -n 5
create /q/b 12345
create /q/c 12345
create /q/d 12345
create /q/e 12345
listquota /q
get /zookeeper/quota/q/zookeeper_limits
get /zookeeper/quota/q/zookeeper_stats
ls -R /zookeeper
delquota -n /q
listquota /q
delquota -b /q
delquota -N /q
delquota -B /q
listquota /q
delquota /q
delquota /q
delquota /missing
delquota
listquota
listquota /missing
ls -R /zookeeper
deleteall /q
quit`;

/** guides.md 3.2: master, backup, worker and client. */
const MASTER_WORKER = `
master: create -e /master "master1.example.com:2182"
master: ls /
master: get -s /master
backup: create -e /master "master1.example.com:2182"
backup: stat -w /master
master: quit
backup: stat /master
backup: create -e /master "master1.example.com:2182"
backup: create /workers ""
backup: create /tasks ""
backup: create /assign ""
backup: ls -w /workers
backup: ls -w /tasks
worker: create -e /workers/worker1.example.com "worker1.example.com:2183"
backup: ls -w /workers
worker: create /assign/worker1.example.com ""
worker: ls -w /assign/worker1.example.com
client: create -s /tasks/task- "cmd"
client: ls -w /tasks/task-0000000000
backup: ls /tasks
backup: ls /workers
backup: create /assign/nobody/task-0000000000 ""
backup: create /assign/worker1.example.com/task-0000000000 ""
worker: ls /assign/worker1.example.com
worker: create /tasks/task-0000000000/status "done"
client: get /tasks/task-0000000000
client: get -s /tasks/task-0000000000
client: get /tasks/task-0000000000/status
client: quit
worker: quit
backup: ls /workers
backup: quit`;

/** guides.md 4: configuration, lock and barrier, with watches that fire once. */
const WATCHING = `
app: create /config v1
app: get -w /config
app: stat -w /lock
admin: set /config v2
admin: set /config v3
app: get -w /config
admin: create -e /lock
app: ls -w /
app: stat -w /lock
admin: quit
app: stat /lock
app: addWatch -m PERSISTENT_RECURSIVE /queue
other: create /queue
other: create -s /queue/num- 1
other: create -s /queue/num- 2
app: ls /queue
other: deleteall /queue
other: set /config v4
app: get /config
app: removewatches /queue -a
other: create /queue
other: quit
app: quit`;

const lines = (text: string) => text.slice(1).split("\n");

export const CLI_SESSIONS: readonly CliSession[] = [
  { name: "life", lines: lines(LIFE) },
  { name: "commands", lines: lines(COMMANDS) },
  { name: "quotas", lines: lines(QUOTAS) },
  { name: "master-worker", lines: lines(MASTER_WORKER) },
  { name: "watching", lines: lines(WATCHING) },
];

/** `zkCli.sh -server host:port <command>`: one command, its output and exit code. */
export const ONE_COMMAND: readonly (readonly string[])[] = [
  ["ls", "/"],
  ["create", "/one", "data"],
  ["get", "/one"],
  ["get", "/missing"],
  ["nosuchcommand"],
];
