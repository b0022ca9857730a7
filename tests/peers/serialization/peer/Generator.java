package peer;

import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URL;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Makes graphs of objects of every serializable kind from a seed: the same seed, the same graph. */
final class Generator {
  private interface Maker {
    Object make() throws Exception;
  }

  /** One object for each, as a JVM reads them. */
  private static final List<Locale> LOCALES = List.of(Locale.GERMANY, Locale.ROOT, Locale.forLanguageTag("zh-Hans-CN"),
      new Locale("no", "NO", "NY"));

  private final Random random = new Random();
  private final Times times = new Times(random);
  private final List<Object> finished = new ArrayList<>();
  /** Objects whose content is being made, and that may be referred to from inside. */
  private List<Object> open = new ArrayList<>();
  private int depth = 0;
  private int names = 0;
  /** Whether a reader that knows only values must write the very bytes that a JVM writes. */
  private boolean exact = true;

  Generator(long seed) {
    random.setSeed(seed);
  }

  boolean isExact() {
    return exact;
  }

  /** Any value. Objects that were made before may come again, or be referred to. */
  Object value() {
    int choice = random.nextInt(100);
    if (depth > 5 || choice < 25) return scalar();
    if (choice < 33 && !finished.isEmpty()) return finished.get(random.nextInt(finished.size()));
    if (choice < 37 && !open.isEmpty()) return open.get(random.nextInt(open.size()));
    Maker[] makers = all[random.nextInt(all.length)];
    ++depth;
    Object made = make(makers[random.nextInt(makers.length)]);
    --depth;
    if (!(made instanceof Enum || made instanceof Class || made instanceof String)) finished.add(made);
    return made;
  }

  private static Object make(Maker maker) {
    try {
      return maker.make();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Inside of what a JVM replaces or hashes while it reads, nothing may refer to what is around it. */
  private <T> T closed(Supplier<T> make) {
    List<Object> before = open;
    open = new ArrayList<>();
    try {
      return make.get();
    } finally {
      open = before;
    }
  }

  private <T> T opened(T object, Runnable fill) {
    open.add(object);
    fill.run();
    open.remove(open.size() - 1);
    return object;
  }

  // Scalars -----------------------------------------------------------------------------------------

  private int number() {
    return random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(300) - 150;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(400) == 0 ? 65535 + random.nextInt(100) : random.nextInt(12);
    for (int i = 0; i < length; ++i) {
      int kind = length > 1000 ? 0 : random.nextInt(12);
      text.appendCodePoint(kind < 9 ? 'a' + random.nextInt(26) : kind == 9 ? random.nextInt(0x3000)
          : kind == 10 ? 0x10000 + random.nextInt(0x10000) : random.nextInt(3) == 0 ? 0xD800 + random.nextInt(0x800) : 0);
    }
    return text.toString().intern();
  }

  private String name() {
    return ("n" + names++).intern();
  }

  Object scalar() {
    return switch (random.nextInt(14)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> (byte) random.nextInt();
      case 3 -> (short) number();
      case 4 -> (char) random.nextInt(0x10000);
      case 5 -> (long) number() << random.nextInt(33);
      case 6 -> random.nextInt(5) == 0 ? Float.NaN : random.nextFloat() * number();
      case 7 -> random.nextInt(5) == 0 ? -0.0 : random.nextGaussian() * number();
      case 8, 9 -> number();
      case 10 -> Samples.Color.values()[random.nextInt(3)];
      case 11 -> random.nextInt(3) == 0 ? (Object) java.time.DayOfWeek.of(1 + random.nextInt(7)) : Thread.State.NEW;
      default -> text();
    };
  }

  /** A key of a hash table: its hash and its equality do not depend on other objects. */
  private Object key() {
    if (random.nextInt(8) == 0) return new UUID(number(), number());
    if (random.nextInt(8) == 0) return new Date(number());
    Object scalar = scalar();
    return scalar == null ? "null" : scalar;
  }

  /** A key of an IdentityHashMap: without content, so that a dump can sort by it. */
  private Samples.Node identity() {
    Samples.Node node = new Samples.Node();
    node.name = name();
    return node;
  }

  private int count() {
    return random.nextInt(20) == 0 ? random.nextInt(60) : random.nextInt(5);
  }

  private <C extends Collection<Object>> C filled(C collection, Supplier<Object> items) {
    for (int i = count(); i > 0; --i) collection.add(items.get());
    return collection;
  }

  private <C extends Map<Object, Object>> C filledMap(C map, Supplier<?> keys, Supplier<Object> values) {
    for (int i = count(); i > 0; --i) map.put(keys.get(), values.get());
    return map;
  }

  private Object present() {
    Object value = value();
    return value == null ? "present" : value;
  }

  private <C extends Collection<Object>> C openList(C list) {
    return opened(list, () -> filled(list, this::value));
  }

  private <C extends Map<Object, Object>> C openMap(C map) {
    return opened(map, () -> filledMap(map, this::key, this::value));
  }

  private <T> T inexact(T value) {
    exact = false;
    return value;
  }

  private Comparator<Object> comparator() {
    Comparator<?> any = random.nextBoolean() ? null : random.nextBoolean() ? Collections.reverseOrder()
        : String.CASE_INSENSITIVE_ORDER;
    @SuppressWarnings("unchecked") Comparator<Object> comparator = (Comparator<Object>) any;
    return comparator;
  }

  // Kinds -------------------------------------------------------------------------------------------

  private final Maker[] lists = {
    () -> openList(new ArrayList<>()), () -> openList(new ArrayList<>()), () -> openList(new LinkedList<>()),
    () -> inexact(openList(new Vector<>(4, random.nextInt(3)))), () -> inexact(openList(new Stack<>())),
    () -> {
      ArrayDeque<Object> deque = new ArrayDeque<>();
      return opened(deque, () -> filled(deque, this::present));
    },
    () -> openList(new CopyOnWriteArrayList<>()),
    () -> {
      ConcurrentLinkedQueue<Object> queue = new ConcurrentLinkedQueue<>();
      return opened(queue, () -> filled(queue, this::present));
    },
    () -> filled(new PriorityQueue<>(comparator()), this::text)};
  private final Maker[] sets = {
    () -> filled(new HashSet<>(), this::key), () -> filled(new LinkedHashSet<>(), this::key),
    () -> filled(new TreeSet<>(comparator()), this::text), () -> filled(new CopyOnWriteArraySet<>(), this::key),
    () -> filled(new HashSet<>(), () -> closed(() -> random.nextBoolean() ? List.of(text(), number()) : key())),
    () -> inexact(filled(new HashSet<>(64, 0.5f), this::key))};
  private final Maker[] maps = {
    () -> openMap(new HashMap<>()), () -> openMap(new HashMap<>()), () -> openMap(new LinkedHashMap<>()),
    () -> inexact(openMap(new LinkedHashMap<>(16, 0.75f, true))),
    () -> filledMap(new TreeMap<>(comparator()), this::text, this::value),
    () -> filledMap(new Hashtable<>(), this::key, this::present), () -> properties(random.nextInt(3)),
    () -> inexact(filledMap(new ConcurrentHashMap<>(), this::key, this::present)),
    () -> filledMap(new ConcurrentSkipListMap<>(comparator()), this::text, this::present),
    () -> filledMap(new IdentityHashMap<>(), this::identity, this::value), this::enumMap};
  private final Maker[] numbers = {
    () -> BigInteger.valueOf(number()), () -> new BigInteger(random.nextInt(200), random).negate(),
    () -> new BigDecimal(new BigInteger(random.nextInt(100), random), random.nextInt(20) - 5),
    () -> new AtomicInteger(number()), () -> new AtomicLong(number()), () -> new AtomicBoolean(random.nextBoolean()),
    () -> new AtomicReference<>(value()), () -> new UUID(random.nextLong(), random.nextLong()),
    () -> new Date(random.nextLong() >> random.nextInt(60)), () -> new java.sql.Date(number() * 1000L),
    () -> new java.sql.Timestamp(random.nextLong() >> 20)};
  private final Maker[] texts = {
    () -> new StringBuilder(text()), () -> new StringBuffer(text()), () -> bits(),
    () -> LOCALES.get(random.nextInt(4)),
    () -> Currency.getInstance(random.nextBoolean() ? "EUR" : "JPY"), () -> URI.create("http://a/" + number()),
    () -> inexact(new URL("http", "host" + number(), 8080, "/file")),
    () -> inexact(InetAddress.getByAddress(name(), new byte[] {10, 0, 0, (byte) number()})),
    () -> inexact(InetAddress.getByAddress(name(), new byte[16])),
    () -> new Class<?>[] {String.class, int[].class, Samples.Color.class, Samples.Node.class, int.class, Runnable.class,
        Samples.External.class, Object[][].class}[random.nextInt(8)],
    () -> new AbstractMap.SimpleEntry<>(value(), value()), () -> inexact(calendar()),
    () -> inexact(new SimpleTimeZone(number() * 1000, name())), () -> inexact(thrown(2))};
  private final Maker[] wrappers = {
    () -> closed(() -> Arrays.asList(text(), text())), () -> Arrays.asList(new Object[] {value(), value()}),
    () -> closed(() -> Collections.unmodifiableList(openList(new ArrayList<>()))),
    () -> Collections.unmodifiableList(openList(new LinkedList<>())),
    () -> Collections.unmodifiableCollection(openList(new ArrayList<>())),
    () -> Collections.unmodifiableSet(filled(new HashSet<>(), this::key)),
    () -> Collections.unmodifiableSortedSet(filled(new TreeSet<>(comparator()), this::text)),
    () -> Collections.unmodifiableMap(openMap(new HashMap<>())),
    () -> Collections.unmodifiableSortedMap(filledMap(new TreeMap<>(), this::text, this::value)),
    () -> closed(() -> Collections.synchronizedList(openList(new ArrayList<>()))),
    () -> Collections.synchronizedSet(filled(new HashSet<>(), this::key)),
    () -> Collections.synchronizedMap(openMap(new HashMap<>())), Collections::emptyList, Collections::emptyMap,
    Collections::emptySet, () -> Collections.singleton(key()), () -> Collections.singletonList(value()),
    () -> Collections.singletonMap(key(), value()), () -> Collections.nCopies(number() & 15, value()),
    () -> inexact(closed(() -> {
      Set<Object> set = Collections.newSetFromMap(new ConcurrentHashMap<>());
      return filled(set, this::key);
    })),
    () -> closed(() -> List.of(present(), present(), present())), () -> closed(() -> Set.of(1, (text() + "x").intern())),
    () -> closed(() -> Map.of("k", present(), "other", number())),
    () -> closed(() -> java.util.stream.Stream.of(value(), null).toList()),
    () -> random.nextBoolean() ? EnumSet.allOf(Samples.Color.class) : EnumSet.noneOf(Samples.Color.class)};
  private final Maker[] arrays = {
    () -> random.ints(count()).toArray(), () -> random.longs(count()).toArray(), () -> random.doubles(count()).toArray(),
    this::bytes, () -> new boolean[] {true, false, random.nextBoolean()}, () -> text().toCharArray(),
    () -> new short[] {(short) number(), 2}, () -> new float[] {random.nextFloat(), Float.MIN_VALUE},
    () -> new String[] {text(), null, text()}, () -> new int[][] {{1, number()}, null, {}},
    () -> new Integer[] {number(), null}, () -> new Samples.Color[] {Samples.Color.GREEN, null},
    () -> new List<?>[][] {{openList(new ArrayList<>())}, {}}, this::objects, this::objects};
  private final Maker[] classes = {
    () -> node(name()), () -> node(name()), () -> node(name()), this::allTypes, this::defaultsAndMore, this::dataOnly,
    this::fieldsLeftOut, this::putFields, this::external, this::externalBelow, this::leaf,
    () -> closed(() -> new Samples.Point(number(), value())), this::inner, this::proxy, this::lambda,
    () -> new Samples.Replaced(text()), () -> new Evolved(number(), text())};
  private final Maker[] dates = {() -> times.any(), () -> times.any()};
  private final Maker[][] all = {lists, sets, maps, numbers, texts, wrappers, arrays, classes, classes, dates};

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(20) == 0 ? random.nextInt(4000) : random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private Object[] objects() {
    Object[] array = new Object[count()];
    return opened(array, () -> Arrays.setAll(array, i -> value()));
  }

  private Properties properties(int parents) {
    Properties properties = parents > 0 ? new Properties(properties(parents - 1)) : new Properties();
    for (int i = count(); i > 0; --i) properties.setProperty(text(), text());
    return properties;
  }

  private Object enumMap() {
    EnumMap<Samples.Color, Object> map = new EnumMap<>(Samples.Color.class);
    return opened(map, () -> {
      for (int i = random.nextInt(3); i > 0; --i) map.put(Samples.Color.values()[random.nextInt(3)], value());
    });
  }

  private BitSet bits() {
    return BitSet.valueOf(random.longs(random.nextInt(4)).toArray());
  }

  private Object calendar() {
    Calendar calendar = new GregorianCalendar(TimeZone.getTimeZone("Europe/Berlin"), Locale.GERMANY);
    calendar.setTimeInMillis(number() * 1000L);
    calendar.getTime();
    return calendar;
  }

  private Throwable thrown(int causes) {
    Throwable thrown = new IllegalStateException(text(), causes > 0 ? thrown(causes - 1) : null);
    thrown.setStackTrace(new StackTraceElement[] {new StackTraceElement("demo.A", "b", "A.java", random.nextInt(100))});
    if (random.nextBoolean()) thrown.addSuppressed(new java.io.IOException(text()));
    for (Throwable t : thrown.getSuppressed()) t.setStackTrace(new StackTraceElement[0]);
    return thrown;
  }

  private Samples.Node node(String name) {
    Samples.Node node = new Samples.Node();
    node.name = name;
    return opened(node, () -> {
      node.left = value();
      node.right = value();
      if (random.nextBoolean()) node.more = objects();
    });
  }

  private Object allTypes() {
    Samples.AllTypes all = new Samples.AllTypes();
    all.z = random.nextBoolean();
    all.b = (byte) number();
    all.c = (char) random.nextInt(0x10000);
    all.s = (short) number();
    all.i = number();
    all.j = random.nextLong();
    all.f = random.nextFloat();
    all.d = random.nextDouble();
    all.text = text();
    all.ints = random.ints(3).toArray();
    all.table = new int[][] {{1}, null};
    return opened(all, () -> all.any = value());
  }

  private Object defaultsAndMore() {
    Samples.DefaultsAndMore object = new Samples.DefaultsAndMore();
    object.count = number();
    object.extra = number();
    return opened(object, () -> {
      object.value = value();
      object.tail = value();
    });
  }

  private Object dataOnly() {
    Samples.DataOnly object = new Samples.DataOnly();
    object.content = bytes();
    return opened(object, () -> object.object = value());
  }

  private Object fieldsLeftOut() {
    Samples.FieldsLeftOut object = new Samples.FieldsLeftOut();
    object.number = number();
    object.text = text();
    return object;
  }

  private Object putFields() {
    Samples.PutFields object = new Samples.PutFields();
    object.a = Math.abs(number() / 2);
    object.b = Math.abs(number() / 2);
    return object;
  }

  private Object external() {
    Samples.External object = new Samples.External();
    object.number = random.nextLong();
    object.content = bytes();
    return opened(object, () -> object.object = value());
  }

  private Object externalBelow() {
    Samples.ExternalBelow object = new Samples.ExternalBelow();
    object.name = name();
    return object;
  }

  private Object leaf() {
    Samples.Leaf leaf = new Samples.Leaf();
    ((Samples.Root) leaf).same = number();
    ((Samples.Middle) leaf).same = number();
    leaf.same = random.nextDouble();
    leaf.text = text();
    return opened(leaf, () -> {
      leaf.tail = value();
      leaf.object = value();
    });
  }

  private Object inner() {
    Samples.Outer outer = new Samples.Outer();
    outer.id = number();
    Samples.Outer.Inner inner = outer.new Inner();
    inner.value = number();
    return inner;
  }

  private Object proxy() {
    Samples.Handler handler = new Samples.Handler();
    handler.name = name();
    handler.target = closed(this::value);
    return Proxy.newProxyInstance(Generator.class.getClassLoader(),
        random.nextBoolean() ? new Class<?>[] {Samples.Named.class}
            : new Class<?>[] {Samples.Named.class, java.io.Serializable.class}, handler);
  }

  private Object lambda() {
    String captured = text();
    int number = number();
    Samples.Words words = () -> captured + number;
    return words;
  }
}
