package dev.crosspatch.core.state;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what [StateWriter] wrote, into parts that are there.
final class StateReader extends StateWalk {
  /// Elements for which a new array has room before any of them is read.
  private static final int STEP = 1 << 16;

  private final DataInputStream in;
  private final List<Object> known = new ArrayList<>();
  private final List<Shape> shapes = new ArrayList<>();

  StateReader(DataInputStream in) {
    this.in = in;
  }

  @Override
  Shape begin(Object part) throws IOException {
    return shape(part.getClass());
  }

  @Override
  void end(Object part) throws IOException {
    if (part instanceof Snapshot.ByHand more) {
      more.load(in);
    }
  }

  @Override
  void changeable(Object of, Field field) throws IOException, IllegalAccessException {
    try {
      field.set(of, field.getType().isPrimitive() ? primitive(field.getType()) : value(field.get(of)));
    } catch (IllegalArgumentException e) {
      throw new Snapshot.Unfit("it is damaged at " + Shape.place(field));
    }
  }

  @Override
  void array(String where, Object array) throws IOException {
    int length = in.readInt();
    if (length != Array.getLength(array)) {
      throw new Snapshot.Unfit("it is of another object: " + where + " has another length");
    }
    fill(array, 0, length);
  }

  @Override
  void collection(String where, Object collection) throws IOException {
    value(collection);
  }

  private Shape shape(@Nullable Class<?> expected) throws IOException {
    int number = in.readInt();
    if (number == shapes.size()) {
      String signature = in.readUTF();
      Shape shape = Shape.of(type(signature.substring(0, (signature + " ").indexOf(' '))));
      if (!shape.signature().equals(signature)) {
        throw new Snapshot.Unfit("another version made it: " + shape.type().getSimpleName() + " has other fields");
      }
      shapes.add(shape);
    }
    if (number < 0 || number >= shapes.size()) {
      throw new Snapshot.Unfit("it is damaged: class " + number);
    }
    Shape shape = shapes.get(number);
    if (expected != null && shape.type() != expected) {
      throw new Snapshot.Unfit("it is of another object: " + shape.type().getSimpleName() + " where this one has "
          + expected.getSimpleName());
    }
    return shape;
  }

  private static Class<?> type(String name) throws IOException {
    if (name.startsWith("dev.crosspatch.") || name.startsWith("java.lang.") || name.startsWith("[")) {
      try {
        return Class.forName(name, false, StateReader.class.getClassLoader());
      } catch (ClassNotFoundException | LinkageError e) {
        // There is none here.
      }
    }
    throw new Snapshot.Unfit("another version made it: there is no " + name);
  }

  private Object primitive(Class<?> type) throws IOException {
    if (type == long.class) {
      return in.readLong();
    }
    if (type == int.class) {
      return in.readInt();
    }
    if (type == boolean.class) {
      return in.readBoolean();
    }
    if (type == byte.class) {
      return in.readByte();
    }
    if (type == short.class) {
      return in.readShort();
    }
    return type == char.class ? (Object) in.readChar() : (Object) in.readDouble();
  }

  /// The next value. Where a part, an array of parts or a collection that changes is there, it is that, changed.
  private @Nullable Object value(@Nullable Object present) throws IOException {
    Tag tag = Tag.of(in.readByte());
    return switch (tag) {
      case NULL -> null;
      case LONG -> in.readLong();
      case INTEGER -> in.readInt();
      case BOOLEAN -> in.readBoolean();
      case DOUBLE -> in.readDouble();
      case STRING -> text();
      case ENUM -> constant();
      case RECORD -> record();
      case ARRAY -> newArray(present);
      case LIST -> elements(present == null ? new ArrayList<>() : present);
      case DEQUE -> elements(present == null ? new ArrayDeque<>() : present);
      case SET -> elements(present == null ? new HashSet<>() : present);
      case MAP -> map(present == null ? new LinkedHashMap<>() : present);
      case BITS -> bits(present);
      case TEXT -> build(present, text());
      case NEW -> made();
      case KNOWN -> known.get(index(known.size()));
      case PART -> {
        if (present == null) {
          throw new Snapshot.Unfit("it is of another object: a part is missing here");
        }
        part(present);
        yield present;
      }
    };
  }

  private int index(int size) throws IOException {
    int i = in.readInt();
    if (i < 0 || i >= size) {
      throw new Snapshot.Unfit("it is damaged: number " + i + " of " + size);
    }
    return i;
  }

  /// How many follow.
  private int length() throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw new Snapshot.Unfit("it is damaged: a length of " + length);
    }
    return length;
  }

  private static StringBuilder build(@Nullable Object present, String content) {
    StringBuilder text = present instanceof StringBuilder there ? there : new StringBuilder();
    text.setLength(0);
    return text.append(content);
  }

  private String text() throws IOException {
    int length = length();
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Object constant() throws IOException {
    Class<?> type = type(in.readUTF());
    String name = in.readUTF();
    for (Object constant : type.isEnum() ? type.getEnumConstants() : new Object[0]) {
      if (((Enum<?>) constant).name().equals(name)) {
        return constant;
      }
    }
    throw new Snapshot.Unfit("another version made it: " + type.getSimpleName() + " has no " + name);
  }

  private Object record() throws IOException {
    Class<?> type = type(in.readUTF());
    RecordComponent[] components = type.getRecordComponents();
    if (components == null) {
      throw new Snapshot.Unfit("another version made it: " + type.getSimpleName() + " is no record");
    }
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(null);
    }
    try {
      return make(type.getDeclaredConstructor(types), values);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object make(Constructor<?> constructor, Object[] values) throws IOException {
    try {
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      String name = constructor.getDeclaringClass().getSimpleName();
      throw new Snapshot.Unfit("it is damaged: no " + name + " is like that");
    }
  }

  private Object made() throws IOException {
    Shape shape = shape(null);
    if (!Snapshot.ByIdentity.class.isAssignableFrom(shape.type())) {
      throw new Snapshot.Unfit("it is damaged: a " + shape.type().getSimpleName() + " does not come and go");
    }
    int number = known.size();
    known.add(shape);
    List<Field> given = shape.given();
    Object[] values = new Object[given.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(null);
    }
    try {
      Object made = make(shape.constructor(), values);
      known.set(number, made);
      fields(made, shape.fields().stream().filter(f -> !Modifier.isFinal(f.getModifiers())).toList());
      return made;
    } catch (NoSuchMethodException e) {
      throw new Snapshot.Unfit("another version made it: " + shape.type().getSimpleName() + " has other fields");
    }
  }

  private Object newArray(@Nullable Object present) throws IOException {
    String component = in.readUTF();
    Class<?> type = switch (component) {
      case "byte" -> byte.class;
      case "int" -> int.class;
      case "long" -> long.class;
      case "boolean" -> boolean.class;
      case "short" -> short.class;
      case "char" -> char.class;
      case "double" -> double.class;
      default -> type(component);
    };
    int length = length();
    if (present != null && present.getClass() == type.arrayType() && Array.getLength(present) == length) {
      fill(present, 0, length);
      return present;
    }
    return grown(type, length);
  }

  /// A new array, which takes no more room than what is there to fill it needs: lengths are not to be believed.
  private Object grown(Class<?> type, int length) throws IOException {
    Object array = Array.newInstance(type, Math.min(length, STEP));
    for (int at = 0; at < length;) {
      int to = Array.getLength(array);
      fill(array, at, to);
      at = to;
      if (to < length) {
        Object more = Array.newInstance(type, (int) Math.min(length, 2L * to));
        System.arraycopy(array, 0, more, 0, to);
        array = more;
      }
    }
    return array;
  }

  private void fill(Object array, int from, int to) throws IOException {
    if (array instanceof byte[] bytes) {
      in.readFully(bytes, from, to - from);
      return;
    }
    Class<?> type = array.getClass().getComponentType();
    for (int i = from; i < to; i++) {
      Array.set(array, i, type.isPrimitive() ? primitive(type) : value(Array.get(array, i)));
    }
  }

  /// Parts in a collection stay, in their order; other elements are replaced.
  @SuppressWarnings("unchecked")
  private Object elements(Object target) throws IOException {
    Collection<Object> all = (Collection<Object>) target;
    List<Object> before = new ArrayList<>(all);
    List<@Nullable Object> after = new ArrayList<>();
    int count = length();
    for (int i = 0; i < count; i++) {
      Object there = i < before.size() && Shape.isPart(before.get(i)) ? before.get(i) : null;
      after.add(value(there));
    }
    if (!after.equals(before)) {
      all.clear();
      all.addAll(after);
    }
    return target;
  }

  @SuppressWarnings("unchecked")
  private Object map(Object target) throws IOException {
    Map<Object, Object> map = (Map<Object, Object>) target;
    map.clear();
    int count = length();
    for (int i = 0; i < count; i++) {
      Object key = value(null);
      map.put(key, value(null));
    }
    return target;
  }

  private Object bits(@Nullable Object present) throws IOException {
    BitSet bits = present instanceof BitSet there ? there : new BitSet();
    long[] words = (long[]) grown(long.class, length());
    bits.clear();
    bits.or(BitSet.valueOf(words));
    return bits;
  }
}
