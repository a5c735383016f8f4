// Asks Java's own parser about JAAS files: JaasAsk DIRECTORY COUNT NAME... reads DIRECTORY/0, 1, ... and prints a line for
// each, in base64: what it makes of every named section, or its error.

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.security.URIParameter;
import java.util.Base64;
import java.util.TreeMap;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;

public class JaasAsk {
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < Integer.parseInt(args[1]); i++) {
      String answer;
      try {
        answer = describe(Paths.get(args[0], "" + i).toUri(), args);
      } catch (Throwable error) {
        Throwable root = error;
        while (root.getCause() != null) root = root.getCause();
        answer = "error " + root.getMessage();
      }
      System.out.println(
          Base64.getEncoder().encodeToString(answer.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static String describe(URI file, String[] args) throws Exception {
    Configuration configuration =
        Configuration.getInstance("JavaLoginConfig", new URIParameter(file));
    StringBuilder out = new StringBuilder();
    for (int i = 2; i < args.length; i++) {
      AppConfigurationEntry[] entries = configuration.getAppConfigurationEntry(args[i]);
      out.append(args[i]).append(entries == null ? " none\n" : "\n");
      if (entries == null) continue;
      for (AppConfigurationEntry entry : entries) {
        String flag = entry.getControlFlag().toString().replaceAll(".* ", "");
        out.append(entry.getLoginModuleName() + "|" + flag.toUpperCase());
        new TreeMap<String, Object>(entry.getOptions())
            .forEach((key, value) -> out.append("|" + key + "=" + value));
        out.append("\n");
      }
    }
    return out.toString();
  }
}
