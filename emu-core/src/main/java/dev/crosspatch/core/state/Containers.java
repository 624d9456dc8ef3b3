package dev.crosspatch.core.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;

/// Collections of the JDK that hold state: those that can change.
final class Containers {
  private static final List<Class<?>> MUTABLE = List.of(ArrayList.class, ArrayDeque.class, HashMap.class,
      HashSet.class, TreeMap.class, EnumMap.class, BitSet.class, StringBuilder.class);

  private Containers() {}

  static boolean isState(Object o) {
    return MUTABLE.stream().anyMatch(c -> c.isInstance(o));
  }
}
