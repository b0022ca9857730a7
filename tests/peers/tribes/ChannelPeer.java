import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.catalina.tribes.Channel;
import org.apache.catalina.tribes.ChannelException;

/**
 * A real Tomcat channel that a test drives through stdin and stdout, one request, answer or event a
 * line (README.md). This class is the protocol; a group of commands is a class that calls add().
 */
public final class ChannelPeer {
  /** What a request does. Returns the words of its answer; an exception is a failed answer. */
  interface Command {
    String run(List<String> words) throws Exception;
  }

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final Map<String, Command> commands = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    ChannelPeer peer = new ChannelPeer();
    // Before the first class of Tomcat's, whose loggers keep the stream that they find.
    int log = Arrays.asList(arguments).indexOf("--log") + 1;
    if (log > 0) System.setErr(new PrintStream(new FileOutputStream(arguments[log], true), true));
    Setup setup = new Setup(arguments);
    try {
      peer.run(setup);
    } catch (Exception failure) {
      failure.printStackTrace();
      peer.event("failed " + describe(failure));
      System.exit(1);
    }
    System.exit(0);
  }

  private void run(Setup setup) throws Exception {
    Channel channel = setup.channel();
    new Messages(this, channel, setup);
    new Maps(this, channel);
    channel.start(setup.levels);
    event("ready " + Messages.text(channel.getLocalMember(false)));
    serve();
    channel.stop(setup.levels);
    event("stopped");
  }

  void add(String name, Command command) {
    if (commands.put(name, command) != null) throw new IllegalStateException("two commands " + name);
  }

  /** Tells the test of something it did not ask for. Any thread. */
  void event(String text) {
    line("! " + text);
  }

  /** Answers requests until "stop" or the end of the input. */
  private void serve() throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String request = in.readLine(); request != null; request = in.readLine()) {
      List<String> words = Arrays.asList(request.trim().split(" +"));
      if (words.size() < 2) throw new IOException("a request is NUMBER COMMAND WORD...: " + request);
      if (words.get(1).equals("stop")) return;
      line("= " + words.get(0) + " " + answer(words.subList(1, words.size())));
    }
  }

  private String answer(List<String> words) {
    Command command = commands.get(words.get(0));
    if (command == null) return "failed unknown command " + words.get(0);
    try {
      return ("ok " + command.run(words.subList(1, words.size()))).trim();
    } catch (Exception | OutOfMemoryError failure) {
      failure.printStackTrace();
      return "failed " + describe(failure);
    }
  }

  /** "ChannelException: text faulty PORT/Cause PORT/Cause", on one line. */
  private static String describe(Throwable failure) {
    StringBuilder text = new StringBuilder(failure.getClass().getSimpleName() + ": " + failure.getMessage());
    if (failure instanceof ChannelException) {
      ChannelException.FaultyMember[] faulty = ((ChannelException) failure).getFaultyMembers();
      if (faulty.length > 0) text.append(" faulty");
      for (ChannelException.FaultyMember one : faulty) {
        text.append(' ').append(one.getMember().getPort()).append('/');
        text.append(one.getCause().getClass().getSimpleName());
      }
    }
    return text.toString().replace('\n', ' ').replace('\r', ' ');
  }

  private synchronized void line(String text) {
    try {
      out.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException lost) {
      System.exit(3);  // the test is gone
    }
  }
}
