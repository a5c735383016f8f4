// Drives Java's own DataTree, WatchManager and authentication providers with random but repeatable calls and writes down
// what they did, one JSON object a line. capture.sh says how to run it.
package org.apache.zookeeper.server;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.*;
import org.apache.zookeeper.data.*;
import org.apache.zookeeper.server.auth.*;
import org.apache.zookeeper.server.util.SerializeUtils;
import org.apache.zookeeper.txn.*;

public class Capture {
    static final StringBuilder out = new StringBuilder();
    static final List<String> events = new ArrayList<>();

    static String q(String s) {
        if (s == null) return "null";
        StringBuilder b = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') b.append('\\').append(c);
            else if (c < 0x20 || c > 0x7e) b.append(String.format("\\u%04x", (int) c));
            else b.append(c);
        }
        return b.append('"').toString();
    }

    static class Told implements ServerWatcher {
        final int id;
        Told(int id) { this.id = id; }
        public void process(WatchedEvent e) { process(e, null); }
        public void process(WatchedEvent e, List<ACL> acl) {
            events.add("[" + id + "," + e.getType().getIntValue() + "," + q(e.getPath()) + "," + e.getZxid()
                + "," + (acl == null ? -1 : acl.size()) + "]");
        }
    }

    static String stat(Stat s) {
        return String.format("[%d,%d,%d,%d,%d,%d,%d,\"%d\",%d,%d,%d]", s.getCzxid(), s.getMzxid(), s.getCtime(), s.getMtime(),
            s.getVersion(), s.getCversion(), s.getAversion(), s.getEphemeralOwner(), s.getDataLength(), s.getNumChildren(),
            s.getPzxid());
    }

    static final String[] NAMES = {"a", "b", "c", "quite-a-long-name-of-a-node", "\u00e4\u4e2d"};
    static final long[] SESSIONS = {0x100000000000001L, 0x100000000000002L, -0x7f00000000000003L};

    static List<ACL> acl(Random r) {
        switch (r.nextInt(5)) {
        case 0: return ZooDefs.Ids.OPEN_ACL_UNSAFE;
        case 1: return ZooDefs.Ids.READ_ACL_UNSAFE;
        case 2: return Arrays.asList(new ACL(31, new Id("digest", "u:x" + r.nextInt(3))), new ACL(1, new Id("ip", "10.0.0.0/8")));
        case 3: return null;
        default: return Arrays.asList(new ACL(r.nextInt(32), new Id("world", "anyone")));
        }
    }

    static String aclText(List<ACL> acl) {
        if (acl == null) return "null";
        StringBuilder b = new StringBuilder("[");
        for (ACL a : acl) {
            if (b.length() > 1) b.append(',');
            b.append("[").append(a.getPerms()).append(',').append(q(a.getId().getScheme())).append(',')
                .append(q(a.getId().getId())).append(']');
        }
        return b.append("]").toString();
    }

    static String path(Random r, DataTree tree) {
        StringBuilder p = new StringBuilder();
        int depth = 1 + r.nextInt(3);
        for (int i = 0; i < depth; i++) p.append('/').append(NAMES[r.nextInt(NAMES.length)]);
        if (r.nextInt(12) == 0) {
            String prefix = "/zookeeper/quota" + p;
            int which = r.nextInt(4);
            if (which == 0) return prefix;
            return prefix + (which == 1 ? "/zookeeper_stats" : "/zookeeper_limits");
        }
        return p.toString();
    }

    static byte[] data(Random r) {
        int kind = r.nextInt(12);
        if (kind == 0) return null;
        if (kind == 1) return new byte[0];
        byte[] b = new byte[kind == 2 ? 600 : r.nextInt(40)];
        r.nextBytes(b);
        return b;
    }

    static String hexOf(byte[] b) {
        if (b == null) return "null";
        StringBuilder s = new StringBuilder("\"");
        for (byte x : b) s.append(String.format("%02x", x));
        return s.append('"').toString();
    }

    static void tree(long seed, int count) throws Exception {
        Random r = new Random(seed);
        DataTree tree = new DataTree();
        Told[] watchers = new Told[4];
        for (int i = 0; i < watchers.length; i++) watchers[i] = new Told(i);
        System.out.println("{\"tree\":" + seed + ",\"digest\":\"" + tree.getTreeDigest() + "\",\"nodes\":" + tree.getNodeCount()
            + ",\"size\":" + tree.cachedApproximateDataSize() + "}");
        long zxid = 0;
        for (int i = 0; i < count; i++) {
            if (r.nextInt(3) == 0) watch(r, tree, watchers, zxid);
            zxid += 1 + r.nextInt(3);
            long time = 1700000000000L + i * 1000L;
            long session = SESSIONS[r.nextInt(SESSIONS.length)];
            String path = path(r, tree);
            // A txn that Java's server thread would die of is not for a golden.
            if (path.startsWith("/zookeeper/quota") && r.nextInt(3) == 0) {
                // the way that setquota goes
                String base = path.replaceAll("/zookeeper_.*", "");
                String at = "";
                for (String part : base.substring(1).split("/")) {
                    at += "/" + part;
                    if (tree.getNode(at) == null) {
                        run(tree, session, ++zxid, time, ZooDefs.OpCode.create, new CreateTxn(at, null, ZooDefs.Ids.OPEN_ACL_UNSAFE, false, -1));
                    }
                }
                run(tree, session, ++zxid, time, ZooDefs.OpCode.create, new CreateTxn(base + "/zookeeper_limits", "count=5,bytes=-1".getBytes(), ZooDefs.Ids.OPEN_ACL_UNSAFE, false, -1));
                run(tree, session, ++zxid, time, ZooDefs.OpCode.create, new CreateTxn(base + "/zookeeper_stats", "count=0,bytes=0".getBytes(), ZooDefs.Ids.OPEN_ACL_UNSAFE, false, -1));
                continue;
            }
            boolean quota = path.startsWith("/zookeeper");
            int version = r.nextInt(5);
            DataNode node = tree.getNode(path);
            switch (r.nextInt(10)) {
            case 0: case 1: case 2: case 3: {
                int cversion = r.nextInt(3) == 0 ? r.nextInt(6) : -1;
                boolean ephemeral = !quota && r.nextInt(5) == 0;
                int lastSlash = path.lastIndexOf('/');
                DataNode parent = tree.getNode(path.substring(0, lastSlash));
                if (parent == null && path.indexOf('/', 1) > 0 && r.nextInt(3) > 0) path = path.substring(0, path.indexOf('/', 1));
                if (quota && path.endsWith("zookeeper_stats")) break;
                if (underEphemeral(tree, path)) break;
                run(tree, session, zxid, time, r.nextBoolean() ? ZooDefs.OpCode.create : ZooDefs.OpCode.create2,
                    new CreateTxn(path, data(r), acl(r), ephemeral, cversion));
                break;
            }
            case 4:
                if (quota || underEphemeral(tree, path)) break;
                if (r.nextBoolean()) run(tree, session, zxid, time, ZooDefs.OpCode.createContainer, new CreateContainerTxn(path, data(r), acl(r), -1));
                else run(tree, session, zxid, time, ZooDefs.OpCode.createTTL, new CreateTTLTxn(path, data(r), acl(r), -1, 1 + r.nextInt(100000)));
                break;
            case 5:
                if (node != null && !node.getChildren().isEmpty()) break;
                run(tree, session, zxid, time, ZooDefs.OpCode.delete, new DeleteTxn(path));
                break;
            case 6: case 7:
                if (path.endsWith("zookeeper_stats")) break;
                run(tree, session, zxid, time, ZooDefs.OpCode.setData, new SetDataTxn(path, data(r), version));
                break;
            case 8:
                run(tree, session, zxid, time, ZooDefs.OpCode.setACL, new SetACLTxn(path, acl(r), version));
                break;
            case 9:
                if (r.nextInt(3) > 0) break;
                if (r.nextBoolean()) {
                    run(tree, session, zxid, time, ZooDefs.OpCode.closeSession, null);
                } else {
                    List<String> paths = new ArrayList<>(tree.getEphemerals(session));
                    Collections.sort(paths);
                    if (!paths.isEmpty() && r.nextInt(3) == 0) paths.remove(0);
                    run(tree, session, zxid, time, ZooDefs.OpCode.closeSession, new CloseSessionTxn(paths));
                }
                break;
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Map<Long, Integer> sessions = new HashMap<>();
        sessions.put(SESSIONS[0], 4000);
        sessions.put(SESSIONS[2], 40000);
        SerializeUtils.serializeSnapshot(tree, BinaryOutputArchive.getArchive(new DataOutputStream(bytes)), sessions);
        System.out.println("{\"snapshot\":" + hexOf(bytes.toByteArray()) + "}");
    }

    /** No request can create such a node. */
    static boolean underEphemeral(DataTree tree, String path) {
        DataNode parent = tree.getNode(path.substring(0, path.lastIndexOf('/')));
        return parent != null && EphemeralType.get(parent.stat.getEphemeralOwner()) == EphemeralType.NORMAL;
    }

    static void watch(Random r, DataTree tree, Told[] watchers, long zxid) {
        events.clear();
        int who = r.nextInt(watchers.length);
        Told w = watchers[who];
        String path = path(r, tree);
        if (r.nextInt(8) == 0) path = "/";
        int what = r.nextInt(12);
        Object result = null;
        int arg = 0;
        if (what < 3) { what = 0; try { tree.statNode(path, w); } catch (KeeperException e) { } }
        else if (what < 5) { what = 3; try { tree.getChildren(path, null, w); } catch (KeeperException e) { result = -101; } }
        else if (what < 7) { what = 5; arg = r.nextInt(2); tree.addWatch(path, w, arg); }
        else if (what < 9) { what = 7; arg = 1 + r.nextInt(5); result = tree.removeWatch(path, Watcher.WatcherType.fromInt(arg), w); }
        else if (what == 9) { arg = 1 + r.nextInt(5); result = tree.containsWatcher(path, Watcher.WatcherType.fromInt(arg), w); }
        else if (what == 10) {
            if (r.nextInt(4) > 0) return;
            tree.removeCnxn(w);
        } else {
            arg = (int) Math.max(0, zxid - r.nextInt(20));
            List<String> p = Collections.singletonList(path);
            List<String> none = Collections.emptyList();
            int kind = r.nextInt(5);
            tree.setWatches(arg, kind == 0 ? p : none, kind == 1 ? p : none, kind == 2 ? p : none, kind == 3 ? p : none, kind == 4 ? p : none, w);
            result = kind;
        }
        System.out.println("{\"watch\":" + what + ",\"who\":" + who + ",\"path\":" + q(path) + ",\"arg\":" + arg + ",\"result\":" + result
            + ",\"events\":" + events + ",\"summary\":" + q(summary(tree)) + ",\"count\":" + tree.getWatchCount() + "}");
    }

    static String summary(DataTree tree) {
        java.io.StringWriter s = new java.io.StringWriter();
        java.io.PrintWriter p = new java.io.PrintWriter(s);
        tree.dumpWatchesSummary(p);
        p.flush();
        return s.toString();
    }

    static void run(DataTree tree, long session, long zxid, long time, int type, Record txn) throws Exception {
        events.clear();
        TxnHeader header = new TxnHeader(session, 1, zxid, time, type);
        DataTree.ProcessTxnResult rc = tree.processTxn(header, txn);
        StringBuilder line = new StringBuilder("{\"type\":" + type + ",\"session\":\"" + session + "\",\"zxid\":" + zxid + ",\"time\":" + time);
        String path = null;
        if (txn instanceof CreateTxn) {
            CreateTxn t = (CreateTxn) txn;
            path = t.getPath();
            line.append(",\"data\":").append(hexOf(t.getData())).append(",\"acl\":").append(aclText(t.getAcl()))
                .append(",\"ephemeral\":").append(t.getEphemeral()).append(",\"cversion\":").append(t.getParentCVersion());
        } else if (txn instanceof CreateContainerTxn) {
            CreateContainerTxn t = (CreateContainerTxn) txn;
            path = t.getPath();
            line.append(",\"data\":").append(hexOf(t.getData())).append(",\"acl\":").append(aclText(t.getAcl()))
                .append(",\"cversion\":").append(t.getParentCVersion());
        } else if (txn instanceof CreateTTLTxn) {
            CreateTTLTxn t = (CreateTTLTxn) txn;
            path = t.getPath();
            line.append(",\"data\":").append(hexOf(t.getData())).append(",\"acl\":").append(aclText(t.getAcl()))
                .append(",\"cversion\":").append(t.getParentCVersion()).append(",\"ttl\":").append(t.getTtl());
        } else if (txn instanceof DeleteTxn) {
            path = ((DeleteTxn) txn).getPath();
        } else if (txn instanceof SetDataTxn) {
            SetDataTxn t = (SetDataTxn) txn;
            path = t.getPath();
            line.append(",\"data\":").append(hexOf(t.getData())).append(",\"version\":").append(t.getVersion());
        } else if (txn instanceof SetACLTxn) {
            SetACLTxn t = (SetACLTxn) txn;
            path = t.getPath();
            line.append(",\"acl\":").append(aclText(t.getAcl())).append(",\"version\":").append(t.getVersion());
        } else if (txn instanceof CloseSessionTxn) {
            line.append(",\"paths\":[");
            String sep = "";
            for (String p : ((CloseSessionTxn) txn).getPaths2Delete()) {
                line.append(sep).append(q(p));
                sep = ",";
            }
            line.append("]");
        }
        if (path != null) line.append(",\"path\":").append(q(path));
        line.append(",\"err\":").append(rc.err).append(",\"events\":").append(events);
        line.append(",\"digest\":\"").append(tree.getTreeDigest()).append("\",\"nodes\":").append(tree.getNodeCount())
            .append(",\"size\":").append(tree.cachedApproximateDataSize()).append(",\"acls\":").append(tree.aclCacheSize())
            .append(",\"ephemerals\":").append(tree.getEphemeralsCount()).append(",\"sessions\":").append(tree.getSessions().size())
            .append(",\"containers\":").append(tree.getContainers().size()).append(",\"ttls\":").append(tree.getTtls().size())
            .append(",\"watches\":").append(tree.getWatchCount());
        if (path != null) {
            DataNode node = tree.getNode(path);
            if (node != null) {
                Stat stat = new Stat();
                node.copyStat(stat);
                line.append(",\"stat\":").append(stat(stat)).append(",\"dataNow\":").append(hexOf(node.getData()));
            }
            int slash = path.lastIndexOf('/');
            DataNode parent = tree.getNode(path.substring(0, slash));
            if (parent != null) {
                Stat stat = new Stat();
                parent.copyStat(stat);
                line.append(",\"parent\":").append(stat(stat));
            }
            String prefix = tree.getMaxPrefixWithQuota(path);
            line.append(",\"prefix\":").append(q(prefix));
            if (prefix != null) {
                DataNode s = tree.getNode(Quotas.statPath(prefix));
                line.append(",\"quota\":").append(s == null ? "null" : q(new String(s.getData(), StandardCharsets.UTF_8)));
            }
            line.append(",\"below\":").append(tree.getAllChildrenNumber(NAMES.length > 0 ? "/a" : "/"));
        }
        System.out.println(line.append("}"));
    }

    static void auth() throws Exception {
        IPAuthenticationProvider ip = new IPAuthenticationProvider();
        DigestAuthenticationProvider digest = new DigestAuthenticationProvider();
        String[] expressions = {"10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "0.0.0.0/0", "10.0.0.1/32", "10.0.0.1/33", "10.0.0.1/-1",
            "10.0.0.1/", "10.0.0.1/+8", "10.0.0.1/8/8", "10.0.0", "10.0.0.256", "10.0.0.+1", "10.0.0.-0", "010.0.0.1", "10..0.1", "",
            "/8", "::1", "::", "::/0", "0:0:0:0:0:0:0:1", "fe80::1", "fe80::/10", "fe80::1%eth0", "2001:db8::/33", "2001:db8::/129",
            "2001:db8:8000::/33", "2001:DB8::1/128", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::", "1::3:4:5:6:7:8", "1::2::3",
            ":::", ":1", "1:", "::ffff:10.0.0.1", "::ffff:a00:1", "12345::", "g::", "-1::", "+1::", "localhost", "10.0.0.1 ", "127.0.0.1/31"};
        String[] ids = {"10.0.0.1", "10.255.0.1", "11.0.0.1", "127.0.0.1", "127.0.0.0", "0:0:0:0:0:0:0:1", "fe80:0:0:0:0:0:0:1",
            "fe80:0:0:0:0:0:0:1%eth0", "fec0:0:0:0:0:0:0:1", "2001:db8:0:0:0:0:0:1", "2001:db8:8000:0:0:0:0:1", "2001:db8:7fff:0:0:0:0:1",
            "1:2:3:4:5:6:7:8", "0:0:0:0:0:ffff:a00:1", "ffff:0:0:0:0:0:0:0"};
        for (String e : expressions) {
            StringBuilder m = new StringBuilder();
            for (String id : ids) m.append(ip.matches(id, e) ? '1' : '0');
            System.out.println("{\"ip\":" + q(e) + ",\"valid\":" + ip.isValid(e) + ",\"matches\":\"" + m + "\"}");
        }
        for (String id : new String[] {"a:b", "a:", ":b", ":", "", "a", "a:b:", "a:b::", "a:b:c", "::", "a::b", " : "}) {
            System.out.println("{\"digestId\":" + q(id) + ",\"valid\":" + digest.isValid(id) + "}");
        }
        for (String id : new String[] {"super:secret", "user:pass:word", "nopassword", "", ":", "\u00e4\u4e2d:\ud83d\ude00"}) {
            System.out.println("{\"digestOf\":" + q(id) + ",\"digest\":" + q(DigestAuthenticationProvider.generateDigest(id)) + "}");
        }
        List<Id> nobody = Collections.singletonList(new Id("ip", "127.0.0.1"));
        List<Id> users = Arrays.asList(new Id("ip", "127.0.0.1"), new Id("digest", "u:1"), new Id("super", ""), new Id("digest", "v:2"));
        List<List<ACL>> acls = new ArrayList<>();
        acls.add(null);
        acls.add(new ArrayList<>());
        acls.add(Arrays.asList(new ACL(31, new Id("world", "anyone")), new ACL(31, new Id("world", "anyone")), new ACL(1, new Id("world", "anyone"))));
        for (String[] id : new String[][] {{"world", "nobody"}, {"auth", ""}, {"auth", null}, {"auth", "x"}, {"digest", "a:b"}, {"digest", "a"},
            {"ip", "10.0.0.0/8"}, {"ip", "x"}, {"super", ""}, {"nonsense", "x"}, {"nonsense", null}, {null, "x"}, {"", ""}, {"world", null},
            {"digest", null}, {"ip", null}, {"sasl", "me"}, {"x509", "CN=me"}}) {
            acls.add(Collections.singletonList(new ACL(31, new Id(id[0], id[1]))));
        }
        acls.add(Arrays.asList(new ACL(3, new Id("auth", "")), new ACL(1, new Id("digest", "u:1")), new ACL(3, new Id("digest", "u:1"))));
        acls.add(Arrays.asList(new ACL(3, new Id("world", "anyone")), new ACL(1, new Id("nonsense", "u:1"))));
        for (List<ACL> a : acls) {
            for (int who = 0; who < 2; who++) {
                String result;
                try {
                    result = aclText(PrepRequestProcessor.fixupACL("/x", who == 0 ? nobody : users, a));
                } catch (KeeperException e) {
                    result = String.valueOf(e.code().intValue());
                } catch (RuntimeException e) {
                    result = "-5";
                }
                System.out.println("{\"fix\":" + aclText(a) + ",\"who\":" + who + ",\"result\":" + result + "}");
            }
        }
        for (String id : new String[] {"u:secret", "u", "u:a:b", "u:a\nb:c", ":x", "u:"}) {
            System.out.println("{\"mask\":" + q(id) + ",\"masked\":" + q(id.replaceAll(":.*", ":x")) + "}");
        }
        for (String s : new String[] {"", "count=1,bytes=2", "count=-1,bytes=-1=;countHardLimit=5;byteHardLimit=7", "bytes=3;count=4",
            "count=+5,bytes=007", "x=1,count=2", "count=9223372036854775807,bytes=-9223372036854775808", "count=1,,;bytes=2=", "count=1=2,bytes=3"}) {
            StatsTrack t = new StatsTrack(s);
            System.out.println("{\"stats\":" + q(s) + ",\"text\":" + q(t.toString()) + ",\"hard\":[" + t.getCountHardLimit() + "," + t.getByteHardLimit() + "]}");
        }
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("auth")) auth();
        else tree(Long.parseLong(args[1]), Integer.parseInt(args[2]));
    }
}
