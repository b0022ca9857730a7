package peer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The other side of tests/interop/object_stream_test.cpp. Files hold records: an int length and bytes, again and again.
 *
 * <pre>
 * generate SEED COUNT OUT   COUNT streams: stream, text, "exact" or "equal" (see Script.isExact)
 * check SEED COUNT IN       reads streams that were written again; ends with 1 and words when one is not what it was
 * read IN OUT               for each stream of one object: its text, and the stream written again
 * </pre>
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "generate" -> generate(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), arguments[3]);
      case "check" -> check(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), arguments[3]);
      case "read" -> read(arguments[1], arguments[2]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static Script script(long seed, int index) {
    return new Script(new java.util.SplittableRandom(seed * 1_000_003 + index).nextLong());
  }

  private static void generate(long seed, int count, String file) throws IOException {
    try (DataOutputStream out = open(file)) {
      for (int i = 0; i < count; ++i) {
        Script script = script(seed, i);
        put(out, script.write());
        put(out, script.text().getBytes(StandardCharsets.US_ASCII));
        put(out, (script.isExact() ? "exact" : "equal").getBytes(StandardCharsets.US_ASCII));
      }
    }
  }

  private static void check(long seed, int count, String file) throws IOException {
    int wrong = 0;
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(file))))) {
      for (int i = 0; i < count && wrong < 5; ++i) {
        byte[] stream = get(in);
        String problem;
        try {
          problem = script(seed, i).difference(stream);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
          problem = e.toString();
        }
        if (problem.isEmpty()) continue;
        ++wrong;
        System.out.println("value " + i + ": " + problem);
      }
    }
    System.exit(wrong == 0 ? 0 : 1);
  }

  private static void read(String from, String to) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(from))));
        DataOutputStream out = open(to)) {
      for (;;) {
        byte[] stream;
        try {
          stream = get(in);
        } catch (EOFException end) {
          return;
        }
        String text;
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(stream));
            ObjectOutputStream second = new ObjectOutputStream(again)) {
          Object value = objects.readObject();
          second.writeObject(value);
          text = new Dump(Dump.Kind.STREAM).of(value);
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
          text = e.toString();
        }
        put(out, text.getBytes(StandardCharsets.US_ASCII));
        put(out, again.toByteArray());
      }
    }
  }

  private static DataOutputStream open(String file) throws IOException {
    return new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(Path.of(file))));
  }

  private static void put(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] get(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
