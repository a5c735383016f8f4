// What a Java server makes of a data directory: `java DumpState LOGDIR SNAPDIR`, one line a fact, sorted where Java is not.
// Runs with 3.8 and 3.9. Used to capture the goldens beside it, and by test/compat/storage-java.test.ts.

import java.io.File;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.server.DataTree;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

public class DumpState {
    public static void main(String[] args) throws Exception {
        PrintStream stdout = System.out;
        System.setOut(System.err); // logs go there
        ZKDatabase db = new ZKDatabase(new FileTxnSnapLog(new File(args[0]), new File(args[1])));
        long zxid = db.loadDataBase();
        DataTree tree = db.getDataTree();
        StringBuilder out = new StringBuilder();
        dump(tree, "/", out);
        for (Map.Entry<Long, Integer> session : new TreeMap<>(db.getSessionWithTimeOuts()).entrySet()) {
            out.append("session ").append(session.getKey()).append(' ').append(session.getValue()).append('\n');
        }
        out.append("zxid ").append(zxid).append('\n');
        out.append("digest ").append(tree.getTreeDigest()).append('\n');
        stdout.write(out.toString().getBytes("UTF-8"));
        stdout.flush();
    }

    static void dump(DataTree tree, String path, StringBuilder out) throws Exception {
        Stat s = new Stat();
        byte[] data = tree.getData(path, s, null);
        out.append(path).append(' ').append(data == null ? "null" : "=" + Base64.getEncoder().encodeToString(data));
        for (ACL acl : tree.getACL(tree.getNode(path))) {
            out.append(' ').append(acl.getPerms()).append('|').append(acl.getId().getScheme()).append('|').append(acl.getId().getId());
        }
        for (long n : new long[] {s.getCzxid(), s.getMzxid(), s.getCtime(), s.getMtime(), s.getVersion(), s.getCversion(),
            s.getAversion(), s.getEphemeralOwner(), s.getNumChildren(), s.getPzxid()}) {
            out.append(' ').append(n);
        }
        out.append('\n');
        List<String> children = new ArrayList<>(tree.getNode(path).getChildren());
        java.util.Collections.sort(children);
        for (String child : children) {
            dump(tree, path.equals("/") ? "/" + child : path + "/" + child, out);
        }
    }
}
