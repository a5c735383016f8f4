// Asks the real ZooKeeper 3.9.5 what it makes of configurations, for test/config/golden.test.ts.
//
//   M=~/.m2/repository; CP=$(find $M -name 'zookeeper*-3.9.5.jar' -o -name 'slf4j-api-2.0.13.jar' -o -name 'logback-c*-1.3.15.jar' \
//     -o -name 'commons-io-2.17.0.jar' -o -name 'netty-*-4.1.130.Final.jar' -o -name 'snappy-java-1.1.10.5.jar' | tr '\n' ':')
//   java -cp $CP test/golden/config/CaptureConfig.java test/golden/config/cases.txt > test/golden/config/configs.txt
//
// cases.txt: "=== name", "-Dkey=value" lines, and for each file "--- name" and its text. Files are put into /tmp/zooid-capture/d
// which is called /d in the cases and in the output. configs.txt: "=== name", then what came of it:
//   error <class> <message>      each cause on its own line, outermost first
//   value <getter> <value>       what QuorumPeerConfig ended up with
//   log <LEVEL> <text>           what it logged (not "Reading configuration")
//   property <key> <value>       system properties that were not there before

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.slf4j.LoggerFactory;

public class CaptureConfig {

    static final Path REAL = Path.of("/tmp/zooid-capture/d");
    static StringBuilder out = new StringBuilder();

    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger("ROOT")).setLevel(Level.OFF);
        Properties before = new Properties();
        before.putAll(System.getProperties());
        for (String text : Files.readString(Path.of(args[0])).split("(?m)^=== ")) {
            if (text.isBlank() || text.startsWith("#")) {
                continue;
            }
            System.setProperties((Properties) before.clone());
            QuorumPeerConfig.setStandaloneEnabled(true);
            QuorumPeerConfig.setReconfigEnabled(false);
            run(text);
        }
        System.out.print(out.toString().replace(REAL.toString(), "/d"));
    }

    static void run(String text) throws Exception {
        String[] sections = text.split("(?m)^--- ");
        String[] head = sections[0].split("\n");
        out.append("=== ").append(head[0]).append('\n');
        if (Files.exists(REAL)) {
            Files.walk(REAL).sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        }
        Files.createDirectories(REAL);
        for (int i = 1; i < head.length; i++) {
            if (head[i].startsWith("-D")) {
                int equals = head[i].indexOf('=');
                System.setProperty(head[i].substring(2, equals), head[i].substring(equals + 1));
            }
        }
        for (int i = 1; i < sections.length; i++) {
            int end = sections[i].indexOf('\n');
            Path file = REAL.resolve(sections[i].substring(0, end));
            Files.createDirectories(file.getParent());
            String content = sections[i].substring(end + 1).replace("/d/", REAL + "/");
            if (content.equals("<directory>\n")) {
                Files.createDirectories(file);
            } else {
                Files.write(file, content.replace("<nothing>\n", "").getBytes(StandardCharsets.UTF_8));
            }
        }
        Properties given = (Properties) System.getProperties().clone();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(QuorumPeerConfig.class);
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        log.start();
        QuorumPeerConfig config = null;
        try {
            config = new QuorumPeerConfig();
            config.parse(REAL + "/zoo.cfg");
        } catch (Throwable error) {
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                out.append("error ").append(cause.getClass().getSimpleName()).append(' ').append(cause.getMessage()).append('\n');
            }
            config = null;
        }
        logger.detachAppender(log);
        if (config != null) {
            values(config).forEach((key, value) -> out.append("value ").append(key).append(' ').append(value).append('\n'));
        }
        for (ILoggingEvent event : log.list) {
            if (!event.getFormattedMessage().startsWith("Reading configuration")) {
                out.append("log ").append(event.getLevel()).append(' ').append(event.getFormattedMessage()).append('\n');
            }
        }
        new TreeMap<>(System.getProperties()).forEach((key, value) -> {
            if (!value.equals(given.get(key)) && config_key(key.toString())) {
                out.append("property ").append(key).append(' ').append(value).append('\n');
            }
        });
    }

    static boolean config_key(String key) {
        return key.startsWith("zookeeper.");
    }

    static Map<String, Object> values(QuorumPeerConfig config) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("dataDir", config.getDataDir());
        values.put("dataLogDir", config.getDataLogDir());
        values.put("clientPort", config.getClientPortAddress() == null ? null : config.getClientPortAddress().getPort());
        values.put("secureClientPort", config.getSecureClientPortAddress() == null ? null : config.getSecureClientPortAddress().getPort());
        values.put("tickTime", config.getTickTime());
        values.put("maxClientCnxns", config.getMaxClientCnxns());
        values.put("minSessionTimeout", config.getMinSessionTimeout());
        values.put("maxSessionTimeout", config.getMaxSessionTimeout());
        values.put("clientPortListenBacklog", config.getClientPortListenBacklog());
        values.put("initLimit", config.getInitLimit());
        values.put("syncLimit", config.getSyncLimit());
        values.put("snapRetainCount", config.getSnapRetainCount());
        values.put("purgeInterval", config.getPurgeInterval());
        values.put("observerMasterPort", config.getObserverMasterPort());
        values.put("syncEnabled", config.getSyncEnabled());
        values.put("serverId", config.getServerId());
        values.put("distributed", config.isDistributed());
        values.put("peerType", config.getPeerType());
        values.put("multiAddressEnabled", config.isMultiAddressEnabled());
        values.put("localSessionsEnabled", config.areLocalSessionsEnabled());
        values.put("quorumListenOnAllIPs", config.getQuorumListenOnAllIPs());
        values.put("sslQuorum", config.isSslQuorum());
        values.put("jvmPauseWarn", config.getJvmPauseWarnThresholdMs());
        values.put("metricsProvider", new TreeMap<>(config.getMetricsProviderConfiguration()));
        String members = config.getQuorumVerifier() == null ? "null" : config.getQuorumVerifier().toString();
        values.put("members", members.replace("\n", " "));
        String next = config.getLastSeenQuorumVerifier() == null ? "null" : config.getLastSeenQuorumVerifier().toString();
        values.put("nextMembers", next.replace("\n", " "));
        return values;
    }
}
