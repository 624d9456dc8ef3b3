package dev.crosspatch.core.state;

import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes what [StateReader] reads.
final class StateWriter extends StateWalk {
  private final DataOutputStream out;
  private final IdentityHashMap<Object, Integer> known = new IdentityHashMap<>();
  private final Map<Class<?>, Integer> shapes = new HashMap<>();

  StateWriter(DataOutputStream out) {
    this.out = out;
  }

  @Override
  Shape begin(Object part) throws IOException {
    return shape(part.getClass());
  }

  @Override
  void end(Object part) throws IOException {
    if (part instanceof Snapshot.ByHand more) {
      more.save(out);
    }
  }

  @Override
  void changeable(Object of, Field field) throws IOException, IllegalAccessException {
    if (field.getType().isPrimitive()) {
      primitive(field.getType(), field.get(of));
    } else {
      value(Shape.place(field), field.get(of));
    }
  }

  @Override
  void collection(String where, Object collection) throws IOException {
    value(where, collection);
  }

  private Shape shape(Class<?> type) throws IOException {
    Shape shape = Shape.of(type);
    Integer number = shapes.putIfAbsent(type, shapes.size());
    out.writeInt(number == null ? shapes.size() - 1 : number);
    if (number == null) {
      out.writeUTF(shape.signature());
    }
    return shape;
  }

  private void primitive(Class<?> type, Object o) throws IOException {
    switch (o) {
      case Long x -> out.writeLong(x);
      case Integer x -> out.writeInt(x);
      case Boolean x -> out.writeBoolean(x);
      case Byte x -> out.writeByte(x);
      case Short x -> out.writeShort(x);
      case Character x -> out.writeChar(x);
      case Double x -> out.writeDouble(x);
      default -> throw new IllegalStateException("no snapshot has a field of type " + type);
    }
  }

  private void tag(Tag tag) throws IOException {
    out.writeByte(tag.ordinal());
  }

  private void value(String where, @Nullable Object o) throws IOException {
    switch (o) {
      case null -> tag(Tag.NULL);
      case Snapshot.ByIdentity made -> identity(made);
      case Long x -> {
        tag(Tag.LONG);
        out.writeLong(x);
      }
      case Integer x -> {
        tag(Tag.INTEGER);
        out.writeInt(x);
      }
      case Boolean x -> {
        tag(Tag.BOOLEAN);
        out.writeBoolean(x);
      }
      case Double x -> {
        tag(Tag.DOUBLE);
        out.writeDouble(x);
      }
      case String x -> {
        tag(Tag.STRING);
        text(x);
      }
      case Enum<?> x -> {
        tag(Tag.ENUM);
        out.writeUTF(x.getDeclaringClass().getName());
        out.writeUTF(x.name());
      }
      case Record x -> record(where, x);
      default -> container(where, o);
    }
  }

  private void container(String where, Object o) throws IOException {
    switch (o) {
      case StringBuilder x -> {
        tag(Tag.TEXT);
        text(x.toString());
      }
      case BitSet x -> {
        tag(Tag.BITS);
        array(where, x.toLongArray());
      }
      case Map<?, ?> x -> {
        tag(Tag.MAP);
        out.writeInt(x.size());
        for (Map.Entry<?, ?> e : x.entrySet()) {
          value(where, e.getKey());
          value(where, e.getValue());
        }
      }
      case List<?> x -> elements(where, Tag.LIST, x);
      case Deque<?> x -> elements(where, Tag.DEQUE, x);
      case Set<?> x -> elements(where, Tag.SET, x);
      default -> {
        if (o.getClass().isArray()) {
          tag(Tag.ARRAY);
          out.writeUTF(o.getClass().getComponentType().getName());
          array(where, o);
        } else if (Shape.isPart(o)) {
          tag(Tag.PART);
          part(o);
        } else {
          throw Shape.noState(where, o);
        }
      }
    }
  }

  private void elements(String where, Tag tag, Collection<?> all) throws IOException {
    tag(tag);
    out.writeInt(all.size());
    for (Object o : all) {
      value(where, o);
    }
  }

  private void text(String text) throws IOException {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private void record(String where, Record record) throws IOException {
    tag(Tag.RECORD);
    out.writeUTF(record.getClass().getName());
    for (RecordComponent c : record.getClass().getRecordComponents()) {
      try {
        c.getAccessor().setAccessible(true);
        value(where + "." + c.getName(), c.getAccessor().invoke(record));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  void array(String where, Object array) throws IOException {
    int length = Array.getLength(array);
    out.writeInt(length);
    if (array instanceof byte[] bytes) {
      out.write(bytes);
    } else {
      Class<?> type = array.getClass().getComponentType();
      for (int i = 0; i < length; i++) {
        if (type.isPrimitive()) {
          primitive(type, Array.get(array, i));
        } else {
          value(where, Array.get(array, i));
        }
      }
    }
  }

  private void identity(Snapshot.ByIdentity made) throws IOException {
    Integer number = known.putIfAbsent(made, known.size());
    if (number != null) {
      tag(Tag.KNOWN);
      out.writeInt(number);
      return;
    }
    tag(Tag.NEW);
    Shape shape = shape(made.getClass());
    try {
      for (Field field : shape.given()) {
        value(Shape.place(field), field.get(made));
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    fields(made, shape.fields().stream().filter(f -> !Modifier.isFinal(f.getModifiers())).toList());
  }
}
