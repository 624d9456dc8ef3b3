package dev.crosspatch.core.state;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way through the parts of an object and their fields, the same for writing and for reading: each part once, its
/// fields in order.
abstract class StateWalk {
  private final IdentityHashMap<Object, Boolean> seen = new IdentityHashMap<>();

  /// A part that is met for the first time begins.
  abstract Shape begin(Object part) throws IOException;

  /// Its fields are done.
  abstract void end(Object part) throws IOException;

  /// A field that can be given another number, or another value.
  abstract void changeable(Object of, Field field) throws IOException, IllegalAccessException;

  /// An array that stays where it is.
  abstract void array(String where, Object array) throws IOException;

  /// A collection that stays where it is.
  abstract void collection(String where, Object collection) throws IOException;

  final void part(Object part) throws IOException {
    if (seen.put(part, true) == null) {
      fields(part, begin(part).fields());
      end(part);
    }
  }

  final void fields(Object of, List<Field> fields) throws IOException {
    for (Field field : fields) {
      try {
        if (!Modifier.isFinal(field.getModifiers())) {
          changeable(of, field);
        } else if (!field.getType().isPrimitive()) {
          inPlace(Shape.place(field), field.get(of));
        }
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void inPlace(String where, @Nullable Object o) throws IOException {
    if (o == null || Shape.isWiring(o)) {
      return;
    }
    if (Shape.isPart(o)) {
      part(o);
    } else if (o.getClass().isArray()) {
      if (seen.put(o, true) == null) {
        array(where, o);
      }
    } else if (Containers.isState(o)) {
      collection(where, o);
    } else {
      throw Shape.noState(where, o);
    }
  }
}
