// A short session of the real Java client: what it sees goes to standard output, one line each, so that it can be compared.
// Run by clients.test.ts with the class path of 3.8 or 3.9.5: java JavaSession.java host:port
// At "RESTART" the test restarts the server and answers with a line.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

public class JavaSession {
    static final BlockingQueue<WatchedEvent> events = new LinkedBlockingQueue<>();

    interface Attempt {
        Object run() throws Exception;
    }

    static void say(String what, Attempt attempt) throws Exception {
        try {
            System.out.println(what + ": " + attempt.run());
        } catch (KeeperException e) {
            System.out.println(what + ": " + e.code() + " " + e.getMessage());
        }
    }

    static String next() throws Exception {
        WatchedEvent event;
        // The state of the connection is told to every watcher, and is not what is asked for here.
        do event = events.poll(60, TimeUnit.SECONDS); while (event != null && event.getPath() == null);
        return event == null ? "nothing" : event.getState() + " " + event.getType() + " " + event.getPath();
    }

    static void until(KeeperState state) throws Exception {
        for (WatchedEvent event; (event = events.poll(60, TimeUnit.SECONDS)) != null;) {
            if (event.getState() == state && event.getPath() == null) return;
        }
        System.out.println("never " + state);
    }

    static String show(Stat s) {
        return s == null ? "none" : s.getVersion() + " " + s.getCversion() + " " + s.getAversion() + " " + s.getDataLength() + " "
            + s.getNumChildren() + " " + (s.getEphemeralOwner() != 0);
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        ZooKeeper zk = new ZooKeeper(args[0], 12000, events::add);
        until(KeeperState.SyncConnected);
        System.out.println("time-out " + zk.getSessionTimeout());
        List<org.apache.zookeeper.data.ACL> open = ZooDefs.Ids.OPEN_ACL_UNSAFE;
        Stat stat = new Stat();
        say("create", () -> zk.create("/a", "1".getBytes(), open, CreateMode.PERSISTENT));
        say("create again", () -> zk.create("/a", null, open, CreateMode.PERSISTENT));
        say("create with stat", () -> zk.create("/b", null, open, CreateMode.PERSISTENT, stat) + " " + show(stat));
        say("sequential", () -> zk.create("/a/s-", null, open, CreateMode.PERSISTENT_SEQUENTIAL));
        say("ephemeral", () -> zk.create("/e", null, open, CreateMode.EPHEMERAL));
        say("container", () -> zk.create("/c", null, open, CreateMode.CONTAINER));
        say("ttl", () -> zk.create("/t", null, open, CreateMode.PERSISTENT_WITH_TTL, new Stat(), 60000));
        say("get", () -> new String(zk.getData("/a", true, stat)) + " " + show(stat));
        say("set", () -> show(zk.setData("/a", "22".getBytes(), 0)));
        System.out.println("event " + next());
        say("set with a wrong version", () -> show(zk.setData("/a", "x".getBytes(), 7)));
        say("exists", () -> show(zk.exists("/nowhere", true)));
        say("multi", () -> zk.multi(Arrays.asList(Op.create("/nowhere", null, open, CreateMode.PERSISTENT),
            Op.check("/a", 1), Op.setData("/a", "m".getBytes(), 1), Op.delete("/b", -1))).size());
        System.out.println("event " + next());
        try {
            zk.multi(Arrays.asList(Op.create("/half", null, open, CreateMode.PERSISTENT), Op.delete("/nothing", -1)));
        } catch (KeeperException e) {
            System.out.println("multi fails: " + e.code() + " " + e.getPath() + " " + e.getResults().size());
        }
        say("half", () -> show(zk.exists("/half", false)));
        say("children", () -> zk.getChildren("/a", true));
        say("acl", () -> zk.getACL("/a", stat));
        say("bad acl", () -> zk.create("/x", null, Arrays.asList(), CreateMode.PERSISTENT));
        zk.addAuthInfo("digest", "me:pw".getBytes());
        say("mine", () -> zk.create("/mine", null, ZooDefs.Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT));
        say("ephemerals", () -> zk.getEphemerals());
        say("all children", () -> zk.getAllChildrenNumber("/"));
        say("add watch", () -> { zk.addWatch("/a", events::add, AddWatchMode.PERSISTENT_RECURSIVE); return "done"; });
        say("deep", () -> zk.create("/a/deep", null, open, CreateMode.PERSISTENT));
        // The one-time watch of getChildren and the recursive one.
        System.out.println("event " + next());
        System.out.println("event " + next());
        say("delete", () -> { zk.delete("/a", -1); return "done"; });

        System.out.println("RESTART");
        in.readLine();
        until(KeeperState.SyncConnected);
        say("ephemeral of the session", () -> show(zk.exists("/e", false)));
        say("mine after the restart", () -> show(zk.setData("/mine", "2".getBytes(), 0)));
        say("deeper", () -> zk.create("/a/deep/er", null, open, CreateMode.PERSISTENT));
        System.out.println("event " + next());
        zk.close();
        ZooKeeper second = new ZooKeeper(args[0], 12000, events::add);
        say("ephemeral of the closed session", () -> show(second.exists("/e", false)));
        second.close();
        System.out.println("END");
        System.exit(0);
    }
}
