package dev.crosspatch.core.fp;

/// How two values compare: IEEE 754-2008, 5.11.
public enum FloatOrder { LESS, EQUAL, GREATER, UNORDERED }
