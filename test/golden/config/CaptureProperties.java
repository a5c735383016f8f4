// Asks the real java.util.Properties what it makes of many texts, for test/config/properties.test.ts.
//
//   java test/golden/config/CaptureProperties.java > test/golden/config/properties.txt
//
// One line a text: the text, then "error <message>" or its keys and values sorted, every string with what is not printable
// ASCII (and the blank and the backslash) as backslash, x or u, and two or four digits. Texts: those below, and 2000 made of
// the characters that matter from a fixed seed.

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;

public class CaptureProperties {

    static final String[] WRITTEN = {
        "", "\n\n", "a=b", "a = b", "a:b", "a b", "a", "a=", "=b", ":b", "a==b", "a=:b", "a:=b", "a  :  = b",
        "a\tb", "a\fb", "  a=b", "\t\fa=b", "a=b  ", "a=b\t", "# comment\na=b", "! comment\na=b", "  # comment\na=b",
        "a=b # not a comment", "a=#b", "a=;b", "server.1=host:2888:3888;2181", "server.1=h:1:2|g:3:4:observer;[::1]:5",
        "dataDir=E:\\\\111softwares\\\\zookeeper-3.4.5\\\\oyy\\\\zookeeper", "dataDir=E:\\zk\\data", "dataDir=E:/zk",
        "a=b\r\nc=d\r\n", "a=b\rc=d\r", "a=b\n\rc=d", "a=b\\\nc", "a=b\\\n   c", "a=b\\\r\n   c", "a=b\\\r   c",
        "a=b\\\\\nc=d", "a=b\\\\\\\nc=d", "a=b\\\n# c\nd=e", "a=b\\\n\nd=e", "a=b\\\n   \nd=e", "a\\\n=b", "a\\\n  b=c",
        "a=b\\", "a=b\\\n", "\\", "\\\n", "\\\r\n", "\\\n# c\n", "\\\n\n", "\\\na=b", "\\", " \\\n = b",
        "# a\\\nb=c", "a\\ b=c", "a\\=b=c", "a\\:b=c", "a\\#=c", "\\#a=b", "\\!a=b", "a\\\\=b", "a\\\\\\=b=c",
        "a=\\t\\n\\r\\f", "a=\\q\\b\\0", "a=\\u0041\\u00e9", "\\u0061=b", "a=\\u004", "a=\\u00zz", "a=\\u", "a=\\U0041",
        "a=\\uuu0041", "a=\\ud83d\\ude00", "a=1\na=2", "a=1\na", "a=caf\u00e9", "caf\u00e9=x", "a=\u00e2\u0082\u00ac",
        "a=b\u00a0", "\u00a0a=b", "a=\"b\"", "a='b'", "a=${b}", "[section]\na=b", "a=b\u0000c", "a\u000bb=c",
        "4lw.commands.whitelist=*", "a=b\\ ", "a=\\ b", "a= \\\n  b", "a=b\\\n\\\nc", "a\\u003db=c", "a\\\r\n\r\nb=c",
    };

    public static void main(String[] args) {
        List<String> texts = new ArrayList<>(List.of(WRITTEN));
        String[] pieces = {"a", "b", "=", ":", " ", "\t", "\f", "\n", "\r", "\r\n", "\\", "\\\n", "\\\\", "#", "!", "\\u0041", "u", "0"};
        Random random = new Random(20260306);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(14);
            for (int k = 0; k < length; k++) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            texts.add(text.toString());
        }
        StringBuilder out = new StringBuilder();
        for (String text : texts) {
            out.append('"').append(escape(text)).append('"');
            try {
                Properties properties = new Properties();
                properties.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
                for (var entry : new TreeMap<>(properties).entrySet()) {
                    out.append(" \"").append(escape((String) entry.getKey()));
                    out.append("\" \"").append(escape((String) entry.getValue())).append('"');
                }
            } catch (Exception e) {
                out.append(" error \"").append(escape(e.getMessage())).append('"');
            }
            out.append('\n');
        }
        System.out.print(out);
    }

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (char c : text.toCharArray()) {
            if (c > 0x20 && c < 0x7f && c != '\\' && c != '"') {
                escaped.append(c);
            } else {
                escaped.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", (int) c));
            }
        }
        return escaped.toString();
    }
}
