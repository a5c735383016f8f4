// Prints the numbers and texts of Java's OpCode, KeeperException.Code and quorum packet types. How to run it: capture.sh.

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import org.apache.zookeeper.KeeperException;

public class CaptureCodes {
    public static void main(String[] args) throws Exception {
        printInts("op", Class.forName("org.apache.zookeeper.ZooDefs$OpCode"));
        printInts("packet", Class.forName("org.apache.zookeeper.server.quorum.Leader"));
        Method text = KeeperException.class.getDeclaredMethod("getCodeMessage", KeeperException.Code.class);
        text.setAccessible(true);
        for (KeeperException.Code code : KeeperException.Code.values()) {
            System.out.println("error " + code.name() + " " + code.intValue() + " " + text.invoke(null, code));
        }
    }

    static void printInts(String kind, Class<?> type) throws IllegalAccessException {
        for (Field field : type.getDeclaredFields()) {
            if (field.getType() != int.class || !Modifier.isStatic(field.getModifiers())) continue;
            if (!Modifier.isFinal(field.getModifiers())) continue;
            field.setAccessible(true);
            System.out.println(kind + " " + field.getName() + " " + field.getInt(null));
        }
    }
}
