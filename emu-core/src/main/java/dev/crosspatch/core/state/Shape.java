package dev.crosspatch.core.state;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The fields of a class that hold state or lead to parts, those of its superclasses first, and how its instances are
/// made if they come and go.
///
/// @param type      the class
/// @param fields    in order; accessible
/// @param signature names and types of all fields, to tell other versions of the class by
record Shape(Class<?> type, List<Field> fields, String signature) {
  private static final Map<Class<?>, Shape> KNOWN = new ConcurrentHashMap<>();

  static Shape of(Class<?> type) {
    return KNOWN.computeIfAbsent(type, Shape::read);
  }

  private static Shape read(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      List<Field> own = new ArrayList<>();
      for (Field f : c.getDeclaredFields()) {
        if (!Modifier.isStatic(f.getModifiers()) && !Modifier.isTransient(f.getModifiers()) && !f.isSynthetic()) {
          f.setAccessible(true);
          own.add(f);
        }
      }
      fields.addAll(0, own);
    }
    StringBuilder signature = new StringBuilder(type.getName());
    for (Field f : fields) {
      signature.append(' ').append(f.getName()).append(':').append(f.getType().getTypeName());
    }
    return new Shape(type, List.copyOf(fields), signature.toString());
  }

  /// Final fields, by which an instance that comes and goes is made.
  List<Field> given() {
    return fields.stream().filter(f -> Modifier.isFinal(f.getModifiers())).toList();
  }

  /// The constructor that takes them.
  Constructor<?> constructor() throws NoSuchMethodException {
    Constructor<?> made = type.getDeclaredConstructor(given().stream().map(Field::getType).toArray(Class<?>[]::new));
    made.setAccessible(true);
    return made;
  }

  /// Whether values of the class are written as such: they have no identity of their own.
  static boolean isValue(Object o) {
    Class<?> type = o.getClass();
    return o instanceof Enum<?> || type.isRecord() || type.isArray() || o instanceof String || o instanceof Number
        || o instanceof Boolean || o instanceof Character;
  }

  /// Whether what a final field holds cannot change, or is no state.
  static boolean isWiring(Object o) {
    Class<?> type = o.getClass();
    boolean immutable = type.getName().startsWith("java.util.ImmutableCollections") || o instanceof Path;
    return (isValue(o) && !type.isArray()) || o instanceof Snapshot.ByIdentity || type.isHidden() || immutable;
  }

  /// Whether an object may have state of its own.
  static boolean isPart(Object o) {
    Class<?> type = o.getClass();
    return type.getName().startsWith("dev.crosspatch.") && !type.isHidden() && !isValue(o);
  }

  static String place(Field field) {
    return field.getDeclaringClass().getSimpleName() + "." + field.getName();
  }

  static IllegalStateException noState(String where, Object o) {
    return new IllegalStateException(where + " holds a " + o.getClass().getName()
        + ", which no snapshot can have: make it transient if it is wiring or can be worked out anew");
  }
}
