package peer;

import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collection;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;

/** What JDK objects look like in a stream where it is not their fields, and what they say. */
final class Jdk {
  /** The JDK, too, has one for all empty sets. */
  private static final Enum<?>[] NO_CONSTANTS = {};

  private Jdk() {}

  /** An object of another class that stands for one in the stream. */
  record Form(String name, Map<String, Object> fields, List<?> data) {}

  /** Text instead of the content, or null. In a stream: of objects whose inside is the JDK's own business. */
  static String said(Object object, Dump.Kind kind) {
    boolean content = kind == Dump.Kind.CONTENT;
    if (object instanceof Throwable thrown) return opaque(object, content ? describe(thrown) : "");
    if (object instanceof Calendar c) {
      return opaque(object, content ? c.getTimeInMillis() + " " + c.getTimeZone().getID() + " " + c.getFirstDayOfWeek()
          + c.getMinimalDaysInFirstWeek() + c.isLenient() : "");
    }
    if (object instanceof TimeZone zone) return opaque(object, content ? zone.getID() + zone.getRawOffset() : "");
    if (object instanceof java.net.Inet4Address && !content) return "~java.net.InetAddress";
    if (object instanceof URL || object instanceof InetAddress) return opaque(object, content ? object.toString() : "");
    if (object instanceof Samples.Words words) {
      return "~java.lang.invoke.SerializedLambda" + (content ? " " + words.get() : "");
    }
    if (!content) return null;
    if (object instanceof ZonedDateTime time) return opaque(object, time.toOffsetDateTime() + " " + time.getZone());
    if (object instanceof Evolved evolved) return opaque(object, evolved.common());
    if (object instanceof Date date && object.getClass() != Date.class) return opaque(object, date.getTime() + " " + date);
    if (object instanceof BigInteger || object instanceof BigDecimal || object instanceof UUID
        || object instanceof Locale || object instanceof Currency || object instanceof URI || object instanceof BitSet
        || object instanceof CharSequence || object instanceof TemporalAccessor || object instanceof TemporalAmount
        || object instanceof ZoneId) {
      return opaque(object, object.toString());
    }
    return null;
  }

  private static String opaque(Object object, String text) {
    return "~" + object.getClass().getName() + (text.isEmpty() ? "" : " <" + text + ">");
  }

  private static String describe(Throwable thrown) {
    StringBuilder text = new StringBuilder(thrown.toString());
    for (StackTraceElement line : thrown.getStackTrace()) text.append(" at ").append(line);
    for (Throwable other : thrown.getSuppressed()) text.append(" suppressed ").append(describe(other));
    if (thrown.getCause() != null) text.append(" cause ").append(describe(thrown.getCause()));
    return text.toString();
  }

  /** The form of an object that is replaced when it is written, or null. */
  static Form replaced(Object object, Dump.Kind kind) {
    if (object instanceof EnumSet<?> set) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("elementType", Dump.fieldOf(set, "elementType"));
      fields.put("elements", set.isEmpty() ? NO_CONSTANTS : set.toArray(NO_CONSTANTS));
      return new Form("java.util.EnumSet$SerializationProxy", fields, List.of());
    }
    if (object.getClass().getName().startsWith("java.util.ImmutableCollections$")) return immutable(object, kind);
    Block time = TimeForms.of(object);
    if (time != null) return new Form("java.time.Ser", Map.of(), List.of(time));
    if (object instanceof Samples.Replaced replaced) {
      return new Form("peer.Samples$Replacement", Map.of("content", replaced.text), List.of());
    }
    return null;
  }

  /** List.of, Set.of, Map.of. As content, sets and maps are sorted: their order differs from JVM to JVM. */
  private static Form immutable(Object object, Dump.Kind kind) {
    int tag = object instanceof Map ? 3 : object instanceof Set ? 2 : 1;
    List<Object> items = new ArrayList<>();
    if (tag == 1) {
      items.addAll((Collection<?>) object);
      if (object.getClass().getName().endsWith("ListN") && Dump.fieldOf(object, "allowNulls").equals(true)) tag = 4;
    } else if (kind == Dump.Kind.STREAM) {
      items.addAll(inside(object));
    } else if (object instanceof Map<?, ?> map) {
      map.keySet().stream().sorted(BY_TEXT).forEach(key -> {
        items.add(key);
        items.add(map.get(key));
      });
    } else {
      ((Set<?>) object).stream().sorted(BY_TEXT).forEach(items::add);
    }
    items.add(0, new Block().putInt(items.size()));
    return new Form("java.util.CollSer", Map.of("tag", tag), items);
  }

  /** Elements, or keys and values, in the order in which they are kept and written; iteration begins anywhere. */
  private static List<Object> inside(Object object) {
    String type = object.getClass().getSimpleName();
    if (type.equals("Map1")) return List.of(Dump.fieldOf(object, "k0"), Dump.fieldOf(object, "v0"));
    if (type.equals("Set12")) {
      List<Object> both = List.of(Dump.fieldOf(object, "e0"), Dump.fieldOf(object, "e1"));
      return both.subList(0, ((Set<?>) object).size());
    }
    List<Object> items = new ArrayList<>();
    for (Object item : (Object[]) Dump.fieldOf(object, type.equals("MapN") ? "table" : "elements")) {
      if (item != null) items.add(item);
    }
    return items;
  }

  /** The class that is written for this one: Collections' lists hide that they are RandomAccess. */
  static Class<?> writtenClass(Class<?> type) {
    return type.getName().startsWith("java.util.Collections$") && type.getName().endsWith("RandomAccessList")
        ? type.getSuperclass() : type;
  }

  /** The field as it is written. */
  static Object field(Object object, Class<?> type, String name) {
    if (object instanceof BigInteger number) {
      return switch (name) {
        case "bitCount", "bitLength" -> -1;
        case "firstNonzeroByteNum", "lowestSetBit" -> -2;
        case "signum" -> number.signum();
        default -> magnitude(number);
      };
    }
    if (object instanceof Locale locale) {
      return switch (name) {
        case "hashcode" -> -1;
        case "language" -> locale.getLanguage();
        case "country" -> locale.getCountry();
        case "script" -> locale.getScript();
        case "variant" -> locale.getVariant();
        default -> "";
      };
    }
    if (object instanceof BitSet bits) return bits.toLongArray();
    if (object instanceof URI uri) return uri.toString();
    if (object instanceof StringBuffer buffer) {
      return switch (name) {
        case "count" -> buffer.length();
        case "shared" -> false;
        default -> chars(buffer, buffer.capacity());
      };
    }
    if (object instanceof Samples.PutFields put) return name.equals("sum") ? (Object) (put.a + put.b) : put.a + "+" + put.b;
    try {
      Field field = type.getDeclaredField(name);
      return Dump.get(field, object);
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(type + "." + name, e);
    }
  }

  private static byte[] magnitude(BigInteger number) {
    byte[] bytes = number.abs().toByteArray();
    return bytes[0] == 0 ? java.util.Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private static char[] chars(CharSequence text, int length) {
    char[] all = new char[length];
    for (int i = 0; i < text.length(); ++i) all[i] = text.charAt(i);
    return all;
  }

  /** What writeObject of this class of the chain wrote besides the fields. */
  static List<?> data(Object object, Class<?> type) {
    if (type == Date.class) return List.of(new Block().putLong(written((Date) object)));
    if (object instanceof StringBuilder builder && type == StringBuilder.class) {
      return List.of(new Block().putInt(builder.length()), chars(builder, builder.capacity()));
    }
    if (object instanceof Samples.WritesData writes) {
      boolean own = java.util.Arrays.stream(type.getDeclaredMethods())
          .anyMatch(m -> m.getName().equals("writeObject") || m.getName().equals("writeExternal"));
      return own ? writes.data(type) : List.of();
    }
    return List.of();
  }

  /** A Timestamp keeps its part of a second in its own field. */
  private static long written(Date date) {
    return date instanceof java.sql.Timestamp t ? t.getTime() - t.getNanos() / 1_000_000 : date.getTime();
  }

  private static final Comparator<Object> BY_TEXT = Comparator.comparing(value -> new Dump(Dump.Kind.CONTENT).of(value));
}
