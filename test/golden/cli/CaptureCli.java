// Captures how Java's zkCli reads what is typed: commons-cli 1.5 on flags, zkCli's own splitting of a line into words, and
// JLine's expansion of lines that are called back, and Java's base64. One case a line, fields separated by tabs, lists by the
// unit separator.
//   javac -cp <jars of ZooKeeper 3.9.5> CaptureCli.java && java -cp .:<jars> CaptureCli > lines.txt

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.OptionGroup;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.jline.reader.impl.DefaultExpander;
import org.jline.reader.impl.history.DefaultHistory;

public class CaptureCli {
    static final PrintStream out = new PrintStream(System.out, false, java.nio.charset.StandardCharsets.UTF_8);
    static final Random random = new Random(20261121);
    static final String SEPARATOR = "\u001f";

    static Options plain() {
        Options options = new Options();
        options.addOption("s", false, "stat");
        options.addOption("w", false, "watch");
        options.addOption("v", true, "version");
        options.addOption("file", true, "path");
        return options;
    }

    static Options group(boolean valued, boolean required) {
        OptionGroup group = new OptionGroup();
        group.addOption(new Option("n", valued, "num soft quota"));
        group.addOption(new Option("b", valued, "bytes soft quota"));
        group.setRequired(required);
        Options options = new Options();
        options.addOptionGroup(group);
        return options;
    }

    static final String[] WORDS = {
        "-s", "-w", "-v", "-sw", "-ws", "-ss", "-sv", "-sv5", "-v5", "-v=5", "-v=", "-s=1", "-=", "-file", "-file=x", "-filex",
        "-f", "-x", "-sx", "-xs", "--", "-", "---", "--s", "--file", "--v=5", "-5", "-1.5", "-1e3", "-.5", "-5.", "-0x5", "-NaN",
        "-Infinity", "-5f", "-5d", "--5", "5", "/a", "/a=b", "a", "", "\"q\"", "\"q", "q\"", "\"a\"b\"", "'q'", "\"", "\"\"", "-n",
        "-b", "-n5", "-nb", "-n=5", "-bn", "-N", "=", "=v", "-v\"5\"", "-s-w", "-s -w", "x y", "-v ", " -v", "-ü"};

    static void options(String name, Options options) {
        for (int i = 0; i < 900; i++) {
            List<String> words = new ArrayList<>(List.of("cmd"));
            for (int n = random.nextInt(6); n > 0; n--) words.add(WORDS[random.nextInt(WORDS.length)]);
            String result;
            try {
                CommandLine line = new DefaultParser().parse(options, words.toArray(new String[0]));
                StringBuilder text = new StringBuilder(String.join(SEPARATOR, line.getArgs()));
                for (Option option : options.getOptions()) {
                    String flag = option.getOpt();
                    if (line.hasOption(flag)) text.append('\t').append(flag).append('=').append(line.getOptionValue(flag));
                }
                result = "ok\t" + text;
            } catch (ParseException e) {
                result = "error\t" + e;
            }
            out.println("options\t" + name + "\t" + String.join(SEPARATOR, words) + "\t" + result);
        }
    }

    static final Pattern ARGS = Pattern.compile("\\s*([^\"\']\\S*|\"[^\"]*\"|'[^']*')\\s*");
    static final Pattern QUOTED = Pattern.compile("^([\'\"])(.*)(\\1)$");

    static void words() {
        String alphabet = "ab/\"\"\"'''   \u000b\f-=\\\u00a0\u00fc";
        for (int i = 0; i < 1500; i++) {
            StringBuilder line = new StringBuilder();
            for (int n = random.nextInt(14); n > 0; n--) line.append(alphabet.charAt(random.nextInt(alphabet.length())));
            List<String> words = new ArrayList<>();
            Matcher matcher = ARGS.matcher(line);
            while (matcher.find()) {
                String value = matcher.group(1);
                if (QUOTED.matcher(value).matches()) value = value.substring(1, value.length() - 1);
                words.add(value);
            }
            out.println("words\t" + words.size() + "\t" + line + "\t" + String.join(SEPARATOR, words));
        }
    }

    static void expansion() {
        String[] pieces = {"!!", "!", "!1", "!2", "!9", "!-1", "!-2", "!-9", "!0", "!g", "!get /a", "!z", "!?a?", "!?b", "!$", "!#", "^a^b",
            "^a^b^", "^", "\\!", "\\^", "\\", "'", "\"", "x", " ", "get", "! ", "!=", "a!b", "/a"};
        for (int i = 0; i < 1500; i++) {
            DefaultHistory history = new DefaultHistory();
            List<String> earlier = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                String one = new String[] {"get /a", "ls -s /b", "stat /ab", "create /a 'x'"}[random.nextInt(4)];
                // A history that belongs to a reader, as zkCli's does, leaves repetitions out.
                if (earlier.isEmpty() || !earlier.get(earlier.size() - 1).equals(one)) earlier.add(one);
            }
            for (String line : earlier) history.add(line);
            StringBuilder line = new StringBuilder();
            for (int n = 1 + random.nextInt(4); n > 0; n--) line.append(pieces[random.nextInt(pieces.length)]);
            String result;
            try {
                result = new DefaultExpander().expandHistory(history, line.toString());
            } catch (IllegalArgumentException e) {
                result = line.toString();
            } catch (RuntimeException e) {
                continue; // a fault of JLine's that ends zkCli
            }
            out.println("expansion\t" + String.join(SEPARATOR, earlier) + "\t" + line + "\t" + result);
        }
    }

    static void base64() {
        String alphabet = "AbZ9+/==  !\u00e9";
        for (int i = 0; i < 600; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(9); n > 0; n--) text.append(alphabet.charAt(random.nextInt(n > 2 ? 8 : alphabet.length())));
            String result;
            try {
                result = "ok " + java.util.HexFormat.of().formatHex(java.util.Base64.getDecoder().decode(text.toString()));
            } catch (IllegalArgumentException e) {
                result = e.getMessage();
            }
            out.println("base64\t" + text + "\t" + result);
        }
    }

    public static void main(String[] args) {
        options("plain", plain());
        options("group", group(false, false));
        options("required", group(true, true));
        words();
        expansion();
        base64();
        out.flush();
    }
}
