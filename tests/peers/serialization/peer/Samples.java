package peer;

import java.io.Externalizable;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;

/** Classes as applications have them: every way in which a class can be serialized. */
final class Samples {
  private Samples() {}

  /** A class that writes data of its own: {@code data} are the items, a Block of primitives or an object. */
  interface WritesData {
    /** What the given class of the chain wrote besides its fields. */
    List<Object> data(Class<?> of);
  }

  /** Fields only; the nodes of graphs with shared references and cycles. */
  static class Node implements Serializable {
    private static final long serialVersionUID = 7;
    String name;
    Object left, right;
    Object[] more;
  }

  /** One field of each type, without a serialVersionUID. */
  static class AllTypes implements Serializable {
    boolean z;
    byte b;
    char c;
    short s;
    int i;
    long j;
    float f;
    double d;
    String text;
    int[] ints;
    int[][] table;
    Object any;
    static int ignored = 5;
    transient int alsoIgnored = 6;
  }

  /** writeObject with the default fields and more. */
  static class DefaultsAndMore implements Serializable, WritesData {
    private static final long serialVersionUID = 1;
    int count;
    Object value;
    transient int extra;
    transient Object tail;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeInt(extra);
      out.writeObject(tail);
      out.writeUTF("end");
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      extra = in.readInt();
      tail = in.readObject();
      if (!in.readUTF().equals("end")) throw new InvalidObjectException("end is missing");
    }

    @Override public List<Object> data(Class<?> of) {
      return Arrays.asList(new Block().putInt(extra), tail, new Block().putUtf("end"));
    }
  }

  /** writeObject without default fields: there are none. */
  static class DataOnly implements Serializable, WritesData {
    private static final long serialVersionUID = 2;
    transient byte[] content = {};
    transient Object object;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.writeInt(content.length);
      out.write(content);
      out.writeObject(object);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      content = new byte[in.readInt()];
      in.readFully(content);
      object = in.readObject();
    }

    @Override public List<Object> data(Class<?> of) {
      return Arrays.asList(new Block().putInt(content.length).put(content), object);
    }
  }

  /** writeObject that leaves its fields out, although the class has some. */
  static class FieldsLeftOut implements Serializable, WritesData {
    private static final long serialVersionUID = 3;
    int number;
    String text;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.writeInt(number);
      out.writeObject(text);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      number = in.readInt();
      text = (String) in.readObject();
    }

    @Override public List<Object> data(Class<?> of) {
      return Arrays.asList(new Block().putInt(number), text);
    }
  }

  /** Other fields in the stream than in the class, and nothing besides. */
  static class PutFields implements Serializable {
    private static final long serialVersionUID = 4;
    private static final ObjectStreamField[] serialPersistentFields = {
      new ObjectStreamField("sum", int.class), new ObjectStreamField("label", String.class)};
    transient int a, b;

    private void writeObject(ObjectOutputStream out) throws IOException {
      ObjectOutputStream.PutField fields = out.putFields();
      fields.put("sum", a + b);
      fields.put("label", a + "+" + b);
      out.writeFields();
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      ObjectInputStream.GetField fields = in.readFields();
      String[] parts = ((String) fields.get("label", null)).split("\\+");
      a = Integer.parseInt(parts[0]);
      b = Integer.parseInt(parts[1]);
      if (fields.get("sum", 0) != a + b) throw new InvalidObjectException("sum");
    }
  }

  /** Writes everything itself. */
  public static class External implements Externalizable, WritesData {
    private static final long serialVersionUID = 5;
    long number;
    byte[] content = {};
    Object object;

    public External() {}

    @Override public void writeExternal(java.io.ObjectOutput out) throws IOException {
      out.writeLong(number);
      out.writeObject(object);
      out.writeInt(content.length);
      out.write(content);
    }

    @Override public void readExternal(java.io.ObjectInput in) throws IOException, ClassNotFoundException {
      number = in.readLong();
      object = in.readObject();
      content = new byte[in.readInt()];
      in.readFully(content);
    }

    @Override public List<Object> data(Class<?> of) {
      return Arrays.asList(new Block().putLong(number), object,
          new Block().putInt(content.length).put(content));
    }
  }

  /** An Externalizable below a Serializable: only the external data is written. */
  public static class ExternalBelow extends Node implements Externalizable, WritesData {
    private static final long serialVersionUID = 6;

    public ExternalBelow() {}

    @Override public void writeExternal(java.io.ObjectOutput out) throws IOException {
      out.writeUTF(name);
    }

    @Override public void readExternal(java.io.ObjectInput in) throws IOException {
      name = in.readUTF();
    }

    @Override public List<Object> data(Class<?> of) {
      return List.of(new Block().putUtf(name));
    }
  }

  // A chain: not serializable, fields, writeObject, nothing, fields.
  static class NotSerializableBase {
    int lost = 3;
  }

  static class Root extends NotSerializableBase implements Serializable {
    private static final long serialVersionUID = 8;
    int same;
    String text;
  }

  static class Middle extends Root implements WritesData {
    private static final long serialVersionUID = 9;
    long same;
    transient Object tail;

    private void writeObject(ObjectOutputStream out) throws IOException {
      out.defaultWriteObject();
      out.writeObject(tail);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      tail = in.readObject();
    }

    @Override public List<Object> data(Class<?> of) {
      return java.util.Collections.singletonList(tail);
    }
  }

  abstract static class Empty extends Middle {
    private static final long serialVersionUID = 10;
  }

  static class Leaf extends Empty {
    private static final long serialVersionUID = 11;
    double same;
    Object object;
  }

  enum Color { RED, GREEN { @Override String code() { return "g"; } }, BLUE; String code() { return "x"; } }

  enum Empties { }

  record Point(int x, Object y) implements Serializable {}

  /** With a reference to the object around it. */
  static class Outer implements Serializable {
    private static final long serialVersionUID = 12;
    int id;

    class Inner implements Serializable {
      private static final long serialVersionUID = 13;
      int value;
    }
  }

  interface Named {
    String name();
  }

  static class Handler implements InvocationHandler, Serializable {
    private static final long serialVersionUID = 14;
    String name;
    Object target;

    @Override public Object invoke(Object proxy, Method method, Object[] arguments) {
      return switch (method.getName()) {
        case "name", "toString" -> name;
        case "hashCode" -> System.identityHashCode(proxy);
        case "equals" -> proxy == arguments[0];
        default -> null;
      };
    }
  }

  interface Words extends java.util.function.Supplier<String>, Serializable {}

  /** Replaces itself in the stream and when it is read. */
  static class Replaced implements Serializable {
    private static final long serialVersionUID = 15;
    final String text;

    Replaced(String text) {
      this.text = text;
    }

    private Object writeReplace() {
      return new Replacement(text);
    }
  }

  static class Replacement implements Serializable {
    private static final long serialVersionUID = 16;
    final String content;

    Replacement(String content) {
      this.content = content;
    }

    private Object readResolve() {
      return new Replaced(content);
    }
  }
}
