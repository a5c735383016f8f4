// Some three hundred lines for zkCli, well and badly typed, beyond those of sessions.ts: the ways to write flags, quotes,
// lines that are called back, numbers that are none, and everything that can be wrong with quotas, ACLs and watches.
//
// Left out is what ends Java's zkCli with a stack trace (a version that is no number), and what 3.9 takes for an unknown
// command and 3.4 does not (ls2, rmr): sessions of our own have those.

export const LINES: readonly string[] = String.raw`
ls /
ls
ls -?
ls -? /
ls -s /zookeeper/quota
ls -sw /zookeeper
ls -ws /zookeeper
ls -w -w /zookeeper
ls -R /zookeeper
ls -RR /zookeeper
ls -sx /
ls -x
ls --
ls -- /
ls -- -s
ls - /
ls --help
ls /nope
ls nope
ls /zookeeper/
ls //
ls /zookeeper/.
ls /zookeeper/..
ls /a b c
ls /zookeeper true
ls -w /zookeeper true
ls "/zookeeper"
ls '/zookeeper'
ls /zoo"keeper"
ls "/zoo keeper"
  ls /
ls   -s    "/zookeeper/config"
create
create -s
create /p1
create /p1
create /p1/a ""
create /p1/b ''
create /p1/c "with blanks inside"
create /p1/d 'single "double" inside'
create /p1/e "double 'single' inside"
create /p1/f a"b
create /p1/g "open
create /p1/h back\\slash
create /p1/i tab\	x
create /p1/j "ünïcödé ✓"
create /p1/k -x
create /p1/l -- -x
create -- /p1/m -s
create /p1/n -5
create /p1/o - x
create /p1/p data world:anyone:cdrwa extra words
get /p1/a
get /p1/b
get /p1/c
get /p1/d
get /p1/e
get /p1/f
get /p1/g
get /p1/h
get /p1/i
get /p1/j
get /p1/l
get /p1/m
get /p1/o
get -b /p1/j
get -x /p1/j
get -bx /p1/c
get -xb /p1/c
get -x /p1/a
get -b /p1/a
get -sb /p1/c
get /p1 -s
get /p1/c -s -w
get /p1/c true
get /p1/c false
get -q /p1
get -s=1 /p1
get --stat /p1
get -
get -s
create -es /p1/es- x
create -se /p1/se- x
create -s -e -s /p1/ses- x
create -t 60000 /p1/ttl x
create -t60000 /p1/ttl2 x
create -t=60000 /p1/ttl3 x
create /p1/ttl4 x -t 60000
create -t "60000" /p1/ttl5
create -t
create -t -1 /p1/ttl6
create -t -s /p1/ttl6
create -t 9999999999999999999 /p1/ttl6
create -t 1e3 /p1/ttl6
create -t +5000 /p1/ttl7
create -ct 5 /p1/ct
create -sct 5 /p1/ct
create -c /p1/con
create -cs /p1/con
create -ce /p1/con
create -e /p1/eph
create /p1/eph/x
create /p1/acl1 x world:anyone:
create /p1/acl2 x world:anyone:rr
create /p1/acl3 x world:anyone:q
create /p1/acl4 x :::
create /p1/acl5 x world:anyone:r,
create /p1/acl6 x ,world:anyone:r
create /p1/acl7 x ip:127.0.0.1:cdrwa
create /p1/acl8 x ip:300.0.0.1:cdrwa
create /p1/acl9 x auth::cdrwa
create /p1/acl10 x digest:a:b:c:r
create /p1/acl11 x sasl:x:r
create /p1/acl12 x world:somebody:r
create /p1/acl13 x ""
getAcl /p1/acl1
getAcl /p1/acl2
getAcl /p1/acl5
getAcl /p1/acl7
getAcl -s /p1/acl10
getAcl -z /p1
getAcl nope
getAcl /p1 /p1/acl7
setAcl
setAcl /p1
setAcl /p1 world
setAcl /p1 world:anyone
setAcl -v 0 /p1 world:anyone:cdrwa
setAcl -v 0 /p1 world:anyone:cdrwa
setAcl -sv1 /p1 world:anyone:cdrwa
setAcl -s -v 99 /p1 world:anyone:cdrwa
setAcl -Rs /p1/eph world:anyone:cdrwa
setAcl -R /nope world:anyone:cdrwa
setAcl -R nope world:anyone:cdrwa
setAcl nope world:anyone:cdrwa
setAcl -v
setAcl /p1 world:anyone:cdrwa -v
set
set /p1
set /p1 x y z
set -s /p1 "x y"
set -s /p1/c
set /p1 -b aGFsbG8=
get /p1
set -b /p1 aGFsbG8
get /p1
set -b /p1 ""
get /p1
set /p1 z -v -1
set /p1 z -v 77
set /p1 z -v77
set -v 77 -s /p1 z
set -x /p1 z
set nope z
set /nope z
set "" z
stat
stat /p1
stat -w /p1
stat -w /nope
stat /nope true
stat /p1 true false
stat nope
stat -s /p1
delete
delete /p1
delete nope
delete /
delete /zookeeper
delete /zookeeper/quota
delete -v 5 /p1/c
delete -v5 /p1/c
delete /p1/c -v 0
delete -v 0 -v 5 /p1/d
delete -x /p1/e
delete -v
delete /nope
deleteall
deleteall /nope
deleteall nope
deleteall -b x /p1
deleteall -b 2 /p1/e
deleteall /p1/f -b 0
deleteall -b -1 /p1/g
deleteall -q /p1
getAllChildrenNumber
getAllChildrenNumber /zookeeper
getAllChildrenNumber /nope
getAllChildrenNumber nope
getAllChildrenNumber -s /
getEphemerals
getEphemerals /
getEphemerals /p1/e
getEphemerals /nope
getEphemerals nope
getEphemerals -s
sync
sync /
sync /nope
sync nope
sync -x /
whoami
whoami extra -z
addauth
addauth
addauth digest a:b
addauth digest a:b c
addauth -z digest a:b
whoami
create /p1/own x auth::cdrwa
getAcl /p1/own
setAcl -s /p1/own digest:x:y:r
get /p1/own
set /p1/own z
delete /p1/own
version
version 1
version -z
config
config -c
config -cs
config -sc extra
config -w
config -x
printwatches
printwatches off
printwatches
printwatches on
printwatches maybe
printwatches
printwatches on
addWatch
addWatch /p1
addWatch -m persistent /p1/h
addWatch -m Persistent_Recursive /p1/i
addWatch -m
addWatch -m x /p1
addWatch /p1 /p1
addWatch -z /p1
set /p1/h 1
set /p1/h 2
create /p1/h/below
delete /p1/h/below
removewatches
removewatches /p1
removewatches /p1
removewatches /p1/h -d
removewatches /p1/h -p
removewatches -r /p1/i
removewatches -cd /p1/i
removewatches -l /p1/i
removewatches nope
removewatches /nope -a
removewatches -z /p1
get -w /p1/j
ls -w /p1/j
stat -w /p1/missing
removewatches /p1/j -c
removewatches /p1/j -d -l
removewatches /p1/missing
get -w /p1/k
get -w /p1/l
set /p1/l 5
delete /p1/l
ls -w /p1/m
create /p1/m/x
create /q1
create /q1/a
create /q1/a/b
setquota
setquota /q1
setquota -n 5
setquota -n /q1
setquota -n x /q1
setquota -n 0 /q1
setquota -n -1 /q1
setquota -b -1 /q1
setquota -b 0 /q1/a
setquota -b 99999999999 /q1/a
setquota -n 5 -b 5 /q1
setquota -n 5 -n 6 /q1/a
setquota -n 5 /nope
setquota -n 5 nope
setquota -n 5 /
setquota -n 5 /zookeeper/quota
setquota -n 5 /zookeeper/quota/x
setquota -n 5 /q1
setquota -n 5 /q1/a/b
setquota -N 3 /q1/a
setquota -B 1000 /q1/a
setquota -n 1 /q1/a
listquota
listquota /q1
listquota /q1/a
listquota /q1/a/b
listquota /nope
listquota nope
listquota /
listquota -z /q1
create /q1/a/c
create /q1/a/d
create /q1/a/e "some data"
listquota /q1/a
delquota
delquota /nope
delquota nope
delquota -n /q1/a
listquota /q1/a
delquota -nb /q1/a
delquota -n -b /q1/a
delquota -b -N /q1/a
delquota -z /q1/a
delquota /q1/a
delquota /q1/a
listquota /q1/a
ls -R /zookeeper/quota
reconfig
reconfig -add
reconfig -add server.2=h:1:2;3
reconfig -remove 2
reconfig -members server.1=h:1:2;3
reconfig -add x -members y
reconfig -remove 1 -file f
reconfig -file /nope/nope
reconfig -file a -members b
reconfig -v x -add y
reconfig -v -add y
reconfig -v 0 -add server.2=h:1:2;3
reconfig -s -v 10000 -add server.2=h:1:2;3
reconfig -add=server.2=h:1:2;3
history
redo
redo 0
redo 999
redo -1
redo 0x0
redo 031
!!
!stat
!-1
create /p1/bang a!b
get /p1/bang
create /p1/bang2 '!!'
get /p1/bang2
create /p1/bang3 x\!!
get /p1/bang3
^bang3^bang2
nosuchcommand
nosuchcommand -with /flags
#comment
"ls" /
'ls' "/"
ls /;ls /
LS /
help
?
quit now`
  .trim()
  .split("\n");
