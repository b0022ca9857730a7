package peer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** One stream: objects and primitives in turn, resets, and objects that cannot be written. */
final class Script {
  private enum Step { OBJECT, INT, UTF, BYTES, RESET, FAILING }

  private final List<Step> steps = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();
  private final boolean exact;

  Script(long seed) {
    Random random = new Random(seed);
    Generator generator = new Generator(seed);
    int count = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : 1;
    boolean plain = true;
    for (int i = 0; i < count; ++i) {
      Step step = count == 1 || random.nextInt(3) > 0 ? Step.OBJECT : Step.values()[random.nextInt(6)];
      plain &= step != Step.RESET && step != Step.FAILING;
      steps.add(step);
      values.add(switch (step) {
        case INT -> random.nextInt();
        case UTF -> ("u" + random.nextInt()).intern();
        case BYTES -> new byte[random.nextInt(3000)];
        case FAILING -> new Object[] {"before", generator.value(), new Object()};
        default -> generator.value();
      });
    }
    exact = plain && generator.isExact();
  }

  /** Whether a reader that knows only values must write the same bytes. */
  boolean isExact() {
    return exact;
  }

  byte[] write() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      for (int i = 0; i < steps.size(); ++i) write(out, steps.get(i), values.get(i));
    }
    return bytes.toByteArray();
  }

  private static void write(ObjectOutputStream out, Step step, Object value) throws IOException {
    switch (step) {
      case OBJECT -> out.writeObject(value);
      case INT -> out.writeInt((Integer) value);
      case UTF -> out.writeUTF((String) value);
      case BYTES -> out.write((byte[]) value);
      case RESET -> out.reset();
      case FAILING -> {
        try {
          out.writeObject(value);
          throw new IllegalStateException("an Object was written");
        } catch (NotSerializableException expected) {
          // the stream holds the exception now
        }
      }
    }
  }

  /** What the stream holds: a line for each object and each block of primitives. Requires: it was written. */
  String text() {
    StringBuilder text = new StringBuilder();
    Dump dump = new Dump(Dump.Kind.STREAM);
    Block block = null;
    for (int i = 0; i < steps.size(); ++i) {
      Object value = values.get(i);
      switch (steps.get(i)) {
        case INT -> block = (block == null ? new Block() : block).putInt((Integer) value);
        case UTF -> block = (block == null ? new Block() : block).putUtf((String) value);
        case BYTES -> block = (block == null ? new Block() : block).put((byte[]) value);
        case RESET -> dump.forget();
        default -> {
          appendBlock(text, block);
          block = null;
          boolean failing = steps.get(i) == Step.FAILING;
          text.append(failing ? "given up" : "object " + dump.of(value)).append('\n');
          if (failing) dump.forget();
        }
      }
    }
    appendBlock(text, block);
    return text.toString();
  }

  private static void appendBlock(StringBuilder text, Block block) {
    if (block == null || block.bytes().length == 0) return;
    text.append("block ").append(java.util.HexFormat.of().formatHex(block.bytes())).append('\n');
  }

  /** Reads what another wrote of this stream (null for what could not be written); "" when it is the same. */
  String difference(byte[] stream) throws IOException, ClassNotFoundException {
    Dump expected = new Dump(Dump.Kind.CONTENT);
    Dump found = new Dump(Dump.Kind.CONTENT);
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(stream))) {
      for (int i = 0; i < steps.size(); ++i) {
        String problem = difference(in, steps.get(i), values.get(i), expected, found);
        if (!problem.isEmpty()) return "step " + i + ", " + steps.get(i) + ": " + problem;
      }
      return in.read() == -1 ? "" : "there is more in the stream";
    }
  }

  private static String difference(String wanted, String got) {
    if (wanted.equals(got)) return "";
    int begin = Math.max(0, Arrays.mismatch(wanted.toCharArray(), got.toCharArray()) - 200);
    return "\n wanted " + wanted.substring(begin, Math.min(wanted.length(), begin + 400)) + "\n    got "
        + got.substring(begin, Math.min(got.length(), begin + 400));
  }

  private static String difference(ObjectInputStream in, Step step, Object value, Dump expected, Dump found)
      throws IOException, ClassNotFoundException {
    switch (step) {
      case INT:
        return in.readInt() == (Integer) value ? "" : "another number";
      case UTF:
        return in.readUTF().equals(value) ? "" : "another text";
      case BYTES:
        return Arrays.equals(in.readNBytes(((byte[]) value).length), (byte[]) value) ? "" : "other bytes";
      case FAILING:
        expected.forget();
        found.forget();
        return in.readObject() == null ? "" : "no null for what could not be written";
      case RESET:
        expected.forget();
        found.forget();
        return "";
      default:
        String wanted = expected.of(value);
        String got = found.of(in.readObject());
        return difference(wanted, got);
    }
  }
}
