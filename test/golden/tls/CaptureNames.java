// Asks the real X500Principal what it makes of names, for test/tls/distinguished-name.test.ts.
//
//   java test/golden/tls/CaptureNames.java > test/golden/tls/names.txt
//
// Lines "text <hex of UTF-8> yes|no": whether X500Principal(String) takes it. Lines "name <DER> <hex of what getName()
// prints>". Texts: those below, and 600 made of the characters that matter; names: those texts that are taken, and 400 made
// of types and strings of every kind.

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import javax.security.auth.x500.X500Principal;

public class CaptureNames {

    static final String[] WRITTEN = {
        "", "CN=a", "cn=a", "CN=a,O=b", "CN=a, O=b", "CN=a;O=b", "CN=a+OU=b,C=DE", "CN=zookeeper.example.com, OU=Ops, O=Example, C=US",
        "CN=a\\,b", "CN=\"a,b\"", "CN=\"a\\\"b\"", "CN=#0c0161", "CN=#zz", "CN=#1", "CN= a ", "CN=\\ a\\ ", "CN=", "=a", "CN",
        "XX=a", "1.2.3=a", "OID.1.2.3=a", "oid.2.5.4.3=a", "9.9=a", "1.40=a", "2.999=a", "EMAILADDRESS=a@b", "E=a@b", "EMAIL=a@b",
        "DC=example,DC=com", "UID=u", "STREET=s", "S=x", "T=t", "DNQ=q", "SERIALNUMBER=5", "GIVENNAME=g", "SURNAME=s", "IP=1.2.3.4",
        "CN=a=b", "CN=a<b", "CN=a\\<b", "CN=a\\41", "CN=a\\e4", "CN=a\\C3\\A4", "CN=\u00e4\u00f6", "CN=a\nb", "CN=a#b", "CN=\\#a",
        "CN=a,", ",CN=a", "CN=a,,O=b", "CN=a+", "CN=a+,O=b", "CN=a\\", "CN=\"a", "CN=\"a\"b", "CN=\"a\" ,O=b", "CN =a", " CN=a", "CN=  a",
        "anyone", "user:password", "CN=a\"b", "CN=a;b", "CN=a  b", "CN=a  ,O=b", "CN=a\\ ,O=b", "C=D", "DC=\u00e4", "GENERATION=2", "INITIALS=x",
    };

    static final String[] TYPES = {
        "2.5.4.3", "2.5.4.6", "2.5.4.7", "2.5.4.8", "2.5.4.10", "2.5.4.11", "2.5.4.9", "0.9.2342.19200300.100.1.25",
        "0.9.2342.19200300.100.1.1", "1.2.840.113549.1.9.1", "2.5.4.5", "2.5.4.4", "2.5.4.42", "2.5.4.12", "1.3.6.1.4.1.99999.1",
    };

    static byte[] tlv(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 128) out.write(content.length);
        else { out.write(0x82); out.write(content.length >> 8); out.write(content.length); }
        out.writeBytes(content);
        return out.toByteArray();
    }

    static byte[] oid(String text) {
        String[] parts = text.split("\\.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long first = Long.parseLong(parts[0]) * 40 + Long.parseLong(parts[1]);
        for (int i = 1; i < parts.length; i++) {
            long number = i == 1 ? first : Long.parseLong(parts[i]);
            int shift = 63;
            while (shift > 0 && (number >> shift) == 0) shift -= 7;
            for (; shift >= 0; shift -= 7) out.write((int) ((number >> shift) & 0x7f) | (shift > 0 ? 0x80 : 0));
        }
        return tlv(6, out.toByteArray());
    }

    static byte[] join(List<byte[]> parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) out.writeBytes(part);
        return out.toByteArray();
    }

    static byte[] randomName(Random random) {
        String[] pieces = {"a", "B", "7", " ", ",", "+", "\"", "\\", "<", ">", ";", "#", "=", "/", "@", "\u00e4", "\u20ac", "\0", "\r", "\n", "*", "_", "."};
        int[] tags = {0x0c, 0x13, 0x16, 0x14, 0x1e, 0x1b, 0x1c, 0x04, 0x02};
        List<byte[]> sets = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            List<byte[]> pairs = new ArrayList<>();
            for (int j = random.nextInt(6) == 0 ? 1 : 0; j >= 0; j--) {
                StringBuilder text = new StringBuilder();
                for (int k = random.nextInt(6); k > 0; k--) text.append(pieces[random.nextInt(pieces.length)]);
                int tag = tags[random.nextInt(3) > 0 ? random.nextInt(2) : random.nextInt(tags.length)];
                Charset charset = tag == 0x1e ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
                byte[] value = text.toString().getBytes(charset);
                if (tag == 0x02 && value.length == 0) value = new byte[] {5};
                pairs.add(tlv(0x30, join(List.of(oid(TYPES[random.nextInt(TYPES.length)]), tlv(tag, value)))));
            }
            sets.add(tlv(0x31, join(pairs)));
        }
        return tlv(0x30, join(sets));
    }

    public static void main(String[] args) {
        Set<String> texts = new LinkedHashSet<>(List.of(WRITTEN));
        String[] pieces = {"CN", "O", "=", "=", "=", "a", "b", " ", ",", "+", ";", "\"", "\\", "#", "0c", "61", "1.2", "<", "\n", "."};
        Random random = new Random(20260306);
        while (texts.size() < WRITTEN.length + 300) {
            StringBuilder text = new StringBuilder("CN=");
            for (int i = 1 + random.nextInt(8); i > 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
            texts.add(text.toString());
        }
        while (texts.size() < WRITTEN.length + 600) {
            StringBuilder text = new StringBuilder();
            for (int i = 1 + random.nextInt(8); i > 0; i--) text.append(pieces[random.nextInt(pieces.length)]);
            texts.add(text.toString());
        }
        HexFormat hex = HexFormat.of();
        Set<String> names = new LinkedHashSet<>();
        for (String text : texts) {
            boolean taken = true;
            try {
                names.add(hex.formatHex(new X500Principal(text).getEncoded()));
            } catch (IllegalArgumentException | NullPointerException e) {
                taken = false;
            }
            System.out.println("text " + hex.formatHex(text.getBytes(StandardCharsets.UTF_8)) + " " + (taken ? "yes" : "no"));
        }
        while (names.size() < 500) {
            try {
                byte[] name = randomName(random);
                new X500Principal(name).getName();
                names.add(hex.formatHex(name));
            } catch (IllegalArgumentException e) {
                // Not a name for Java either.
            }
        }
        for (String name : names) {
            String printed = new X500Principal(hex.parseHex(name)).getName();
            System.out.println("name " + name + " " + hex.formatHex(printed.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
