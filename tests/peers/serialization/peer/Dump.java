package peer;

import java.io.Externalizable;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamField;
import java.io.Serializable;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * A graph of objects as one line of ASCII, equal for equal graphs. Objects are numbered as they are met; what is shared
 * is written once. tests/support/value_text.h writes the same text from what it read out of a stream.
 *
 * <p>Two kinds: {@code STREAM} is what the stream holds (fields, data of writeObject); {@code CONTENT} compares two objects in
 * one JVM: JDK objects by what they say, nothing left out.
 */
final class Dump {
  enum Kind { STREAM, CONTENT }

  private static final Set<String> HASHED = Set.of("java.util.HashMap", "java.util.HashSet", "java.util.Hashtable",
      "java.util.Properties", "java.util.IdentityHashMap", "java.util.concurrent.ConcurrentHashMap");
  private static final Set<String> LISTS = Set.of("java.util.ArrayList", "java.util.LinkedList", "java.util.Vector",
      "java.util.Stack", "java.util.ArrayDeque", "java.util.PriorityQueue", "java.util.HashSet", "java.util.LinkedHashSet",
      "java.util.TreeSet", "java.util.concurrent.CopyOnWriteArrayList", "java.util.concurrent.CopyOnWriteArraySet",
      "java.util.concurrent.ConcurrentLinkedQueue");
  private static final Set<String> MAPS = Set.of("java.util.HashMap", "java.util.LinkedHashMap", "java.util.TreeMap",
      "java.util.Hashtable", "java.util.Properties", "java.util.IdentityHashMap", "java.util.EnumMap",
      "java.util.concurrent.ConcurrentHashMap", "java.util.concurrent.ConcurrentSkipListMap");

  private final Kind kind;
  private final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>();
  private int next = 0;
  private StringBuilder out = new StringBuilder();

  Dump(Kind kind) {
    this.kind = kind;
  }

  /** The text of one more value; objects that were met before are references. */
  String of(Object value) {
    out.setLength(0);
    put(value);
    return out.toString();
  }

  /** From now on every object is a new one, as after a reset of the stream. */
  void forget() {
    numbers.clear();
  }

  private String fresh(Object value) {
    return new Dump(kind).of(value);
  }

  private void put(Object value) {
    if (value == null || value instanceof Boolean) out.append(value);
    else if (value instanceof Byte b) out.append('b').append(b);
    else if (value instanceof Short s) out.append('s').append(s);
    else if (value instanceof Character c) out.append(String.format("c%04x", (int) c));
    else if (value instanceof Integer i) out.append('i').append(i);
    else if (value instanceof Long l) out.append('l').append(l);
    else if (value instanceof Float f) out.append(String.format("f%08x", Float.floatToRawIntBits(f)));
    else if (value instanceof Double d) out.append(String.format("d%016x", Double.doubleToRawLongBits(d)));
    else if (value instanceof String s) putText(s);
    else if (value instanceof Enum<?> e) out.append('E').append(e.getDeclaringClass().getName()).append('.').append(e.name());
    else if (value instanceof Class<?> c) out.append("class ").append(c.getName());
    else putObject(value);
  }

  private void putText(String text) {
    out.append('"');
    for (char c : text.toCharArray()) {
      if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') out.append(c);
      else out.append(String.format("\\u%04x", (int) c));
    }
    out.append('"');
  }

  private void putObject(Object object) {
    Integer known = numbers.putIfAbsent(object, next);
    if (known != null) {
      out.append('@').append(known);
      return;
    }
    out.append('#').append(next++).append(' ');
    String name = object.getClass().getName();
    String said = Jdk.said(object, kind);
    if (said != null) out.append(said);
    else if (object.getClass() == java.util.Date.class) out.append("date l").append(((java.util.Date) object).getTime());
    else if (object instanceof byte[] bytes) out.append("bytes ").append(hex(bytes));
    else if (object.getClass().isArray()) putArray(object, name);
    else if (LISTS.contains(name)) putList((Collection<?>) object, name);
    else if (MAPS.contains(name)) putMap((Map<?, ?>) object, name);
    else if (Proxy.isProxyClass(object.getClass())) putProxy(object);
    else if (Jdk.replaced(object, kind) != null) putReplaced(Jdk.replaced(object, kind));
    else putFields(object);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private void putArray(Object array, String name) {
    out.append(name).append('[');
    for (int i = 0; i < Array.getLength(array); ++i) {
      if (i > 0) out.append(' ');
      put(Array.get(array, i));
    }
    out.append(']');
  }

  private void putList(Collection<?> list, String name) {
    List<Object> items = new ArrayList<>(list);
    if (HASHED.contains(name)) items.sort(Comparator.comparing(this::fresh));
    out.append(name).append('[');
    for (Object item : items) {
      put(item);
      out.append(' ');
    }
    putSettings(list);
    out.append(']');
  }

  private void putMap(Map<?, ?> map, String name) {
    List<Map.Entry<?, ?>> entries = new ArrayList<>();
    map.forEach((key, value) -> entries.add(new java.util.AbstractMap.SimpleEntry<>(key, value)));
    if (HASHED.contains(name)) entries.sort(Comparator.comparing(entry -> fresh(entry.getKey())));
    out.append(name).append('{');
    for (Map.Entry<?, ?> entry : entries) {
      put(entry.getKey());
      out.append(':');
      put(entry.getValue());
      out.append(' ');
    }
    putSettings(map);
    out.append('}');
  }

  private void putSettings(Object collection) {
    Object setting = null;
    if (collection instanceof SortedMap<?, ?> map) setting = map.comparator();
    else if (collection instanceof SortedSet<?> set) setting = set.comparator();
    else if (collection instanceof PriorityQueue<?> queue) setting = queue.comparator();
    else if (collection instanceof java.util.LinkedHashMap<?, ?>) setting = fieldOf(collection, "accessOrder");
    else if (collection instanceof java.util.Properties) setting = fieldOf(collection, "defaults");
    else if (collection instanceof java.util.EnumMap<?, ?>) setting = fieldOf(collection, "keyType");
    else if (collection instanceof java.util.Vector<?> && kind == Kind.STREAM) setting = fieldOf(collection, "capacityIncrement");
    // A JVM that reads a Vector takes the usual capacityIncrement, whatever the stream says.
    if (setting == null || setting.equals(false) || setting.equals(0)) return;
    out.append('!');
    put(setting);
  }

  private void putProxy(Object proxy) {
    out.append("proxy[");
    for (Class<?> type : proxy.getClass().getInterfaces()) out.append(type.getName()).append(' ');
    out.append("]{(h=");
    put(Proxy.getInvocationHandler(proxy));
    out.append(";)(;)}");
  }

  /** Another class stands in the stream: its name, its fields, its data. */
  private void putReplaced(Jdk.Form form) {
    out.append(form.name()).append("{(");
    form.fields().forEach(this::putField);
    out.append(';');
    putData(form.data());
    out.append(")}");
  }

  private void putField(String name, Object value) {
    if (out.charAt(out.length() - 1) != '(') out.append(' ');
    out.append(name).append('=');
    put(value);
  }

  private void putFields(Object object) {
    Class<?> leaf = Jdk.writtenClass(object.getClass());
    out.append(leaf.getName()).append('{');
    ArrayDeque<Class<?>> chain = new ArrayDeque<>();
    for (Class<?> type = leaf; type != null && Serializable.class.isAssignableFrom(type); type = type.getSuperclass()) {
      chain.push(type);
    }
    boolean external = object instanceof Externalizable;
    for (Class<?> type : external ? List.<Class<?>>of(leaf) : chain) {
      out.append('(');
      if (!external && !(object instanceof Samples.FieldsLeftOut)) {
        for (ObjectStreamField field : ObjectStreamClass.lookup(type).getFields()) {
          putField(field.getName(), Jdk.field(object, type, field.getName()));
        }
      }
      out.append(';');
      putData(Jdk.data(object, type));
      out.append(')');
    }
    out.append('}');
  }

  /** Blocks of primitives join; all else is an object. */
  private void putData(List<?> items) {
    boolean inBlock = false;
    for (Object item : items) {
      boolean isBlock = item instanceof Block;
      if (inBlock && !isBlock) out.append('\'');
      if (!inBlock && isBlock) out.append('\'');
      if (isBlock) out.append(hex(((Block) item).bytes()));
      else {
        put(item);
        out.append(' ');
      }
      inBlock = isBlock;
    }
    if (inBlock) out.append('\'');
  }

  static Object fieldOf(Object object, String name) {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getName().equals(name)) return get(field, object);
      }
    }
    throw new IllegalArgumentException(object.getClass() + " has no field " + name);
  }

  static Object get(Field field, Object object) {
    try {
      field.setAccessible(true);
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
