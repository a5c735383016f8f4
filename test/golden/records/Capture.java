// Writes what Java makes of every Jute record, for the tests of src/jute and src/wire to be held against.
// How to run it: capture.sh, beside this file.
//
// It finds the records in the jar by itself (every public class there that is a Record), fills each one's constructor with
// several sets of values, and prints the values, the bytes that Java writes, and, where that is something else, what Java
// reads back from them and writes then. Nothing here knows the record definitions of this project.

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.apache.jute.BinaryInputArchive;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;

public class Capture {
    static final String[] SETS = {"empty", "null", "greatest", "least", "53 bits", "-53 bits", "ordinary", "unicode", "long", "surrogates"};

    /** Counts the leaves of one record, so that no two fields of the same type have the same ordinary value. */
    static int leaf;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("--utf8")) {
            Utf8.print(new PrintStream(System.out, true, "US-ASCII"));
            return;
        }
        PrintStream out = new PrintStream(System.out, true, "US-ASCII");
        for (String name : recordNames(args[0])) {
            Class<?> type = Class.forName(name);
            for (String set : SETS) {
                leaf = 0;
                Record record = (Record) fill(type, type, set, 0);
                byte[] bytes = serialize(record);
                Record again = (Record) type.getDeclaredConstructor().newInstance();
                again.deserialize(BinaryInputArchive.getArchive(new ByteArrayInputStream(bytes)), "record");
                byte[] bytesAgain = serialize(again);
                out.println(type.getSimpleName() + ", " + set);
                out.println("  value " + json(record));
                out.println("  bytes " + hex(bytes));
                if (!json(again).equals(json(record))) {
                    out.println("  reads " + json(again));
                    out.println("  again " + hex(bytesAgain));
                }
            }
        }
    }

    static TreeSet<String> recordNames(String jar) throws Exception {
        TreeSet<String> names = new TreeSet<>();
        try (JarFile file = new JarFile(jar)) {
            file.stream().forEach(entry -> {
                String path = entry.getName();
                if (!path.endsWith(".class") || path.contains("$")) return;
                String name = path.substring(0, path.length() - 6).replace('/', '.');
                if (name.startsWith("org.apache.yetus.")) return;
                try {
                    Class<?> type = Class.forName(name);
                    if (Record.class.isAssignableFrom(type) && !type.isInterface()) names.add(name);
                } catch (ReflectiveOperationException | LinkageError e) {
                    throw new IllegalStateException(name, e);
                }
            });
        }
        return names;
    }

    static byte[] serialize(Record record) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        record.serialize(BinaryOutputArchive.getArchive(bytes), "record");
        return bytes.toByteArray();
    }

    static Object fill(Class<?> type, Type generic, String set, int index) throws Exception {
        int n = ++leaf;
        if (type == int.class) return intValue(set, n);
        if (type == long.class) return longValue(set, n);
        if (type == boolean.class) return !set.equals("empty") && !set.equals("least") && (n % 2 == 0 || set.equals("greatest"));
        if (type == String.class) return stringValue(set, n + index);
        if (type == byte[].class) return bytesValue(set, n);
        if (List.class.isAssignableFrom(type)) return listValue((ParameterizedType) generic, set);
        Constructor<?> widest = type.getConstructor();
        for (Constructor<?> constructor : type.getConstructors()) {
            if (constructor.getParameterCount() > widest.getParameterCount()) widest = constructor;
        }
        Object[] values = new Object[widest.getParameterCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = fill(widest.getParameterTypes()[i], widest.getGenericParameterTypes()[i], set, index);
        }
        return widest.newInstance(values);
    }

    static int intValue(String set, int n) {
        switch (set) {
            case "empty": return 0;
            case "null": return -1;
            case "greatest": return Integer.MAX_VALUE;
            case "least": return Integer.MIN_VALUE;
            case "long": return 0x7f80ff00 - n;
            default: return 0x01020300 + n;
        }
    }

    static long longValue(String set, int n) {
        switch (set) {
            case "empty": return 0;
            case "null": return -1;
            case "greatest": return Long.MAX_VALUE;
            case "least": return Long.MIN_VALUE;
            case "53 bits": return (1L << 53) - 1;
            case "-53 bits": return -(1L << 53) + 1;
            case "long": return -0x00080a0b0c0d0e00L + n;
            default: return 0x0007060504030200L + n;
        }
    }

    static String stringValue(String set, int n) {
        switch (set) {
            case "empty": return "";
            case "null": return null;
            case "greatest": return "\u007f\u0080\u07ff\u0800\uffff";
            case "least": return "\u0000";
            case "unicode": return "/caf\u00e9/\u4e2d\u6587/\u0416-" + n;
            case "long": return "/a-path/of-many-parts".repeat(n % 3 + 3) + (n % 2 == 0 ? "" : "/\u00fc\u20ac");
            case "surrogates": return n % 2 == 0 ? "\ud83d\ude00 " + n : n + " \udc00\ud800";
            default: return "/zookeeper/node-" + n;
        }
    }

    static byte[] bytesValue(String set, int n) {
        if (set.equals("null")) return null;
        int length = set.equals("empty") ? 0 : set.equals("long") ? 300 : 16;
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) (i + n);
        return bytes;
    }

    static Object listValue(ParameterizedType generic, String set) throws Exception {
        if (set.equals("null")) return null;
        List<Object> items = new ArrayList<>();
        if (set.equals("empty")) return items;
        Class<?> item = (Class<?>) generic.getActualTypeArguments()[0];
        int count = set.equals("long") ? 4 : set.equals("53 bits") ? 1 : 2;
        for (int i = 0; i < count; i++) items.add(fill(item, item, set, i));
        if (set.equals("ordinary")) {
            items.add(fill(item, item, "null", 0));
            items.add(fill(item, item, "empty", 0));
        }
        return items;
    }

    static String json(Object value) throws IllegalAccessException {
        if (value == null) return "null";
        if (value instanceof Integer || value instanceof Boolean) return value.toString();
        if (value instanceof Long) return "\"" + value + "\"";
        if (value instanceof byte[]) return "\"" + hex((byte[]) value) + "\"";
        if (value instanceof String) return quote((String) value);
        StringBuilder text = new StringBuilder();
        if (value instanceof List) {
            for (Object item : (List<?>) value) text.append(text.length() == 0 ? "" : ",").append(json(item));
            return "[" + text + "]";
        }
        for (Field field : value.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())) continue;
            field.setAccessible(true);
            text.append(text.length() == 0 ? "" : ",").append(quote(field.getName())).append(":").append(json(field.get(value)));
        }
        return "{" + text + "}";
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') quoted.append(String.format("\\u%04x", (int) c));
            else quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) text.append(String.format("%02x", b));
        return text.toString();
    }

    /** How Java decodes bytes that are not quite UTF-8: every sequence of up to four bytes out of one of each kind. */
    static class Utf8 {
        static final int[] KINDS = {
            0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
            0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
        };

        /** One line per first byte: how many sequences begin with it, and a sum over what they decode to. */
        static void print(PrintStream out) {
            for (int first : KINDS) {
                long[] sum = {0, 0};
                add(new byte[] {(byte) first}, sum);
                out.println(hex(new byte[] {(byte) first}) + " " + sum[0] + " " + Long.toHexString(sum[1]));
            }
        }

        static void add(byte[] bytes, long[] sum) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            sum[0]++;
            // A 32-bit FNV over the UTF-16 units and the length.
            long hash = sum[1] == 0 ? 0x811c9dc5L : sum[1];
            hash = ((hash ^ text.length()) * 0x01000193L) & 0xffffffffL;
            for (char c : text.toCharArray()) hash = ((hash ^ c) * 0x01000193L) & 0xffffffffL;
            sum[1] = hash;
            if (bytes.length == 4) return;
            for (int kind : KINDS) {
                byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + 1);
                longer[bytes.length] = (byte) kind;
                add(longer, sum);
            }
        }
    }
}
