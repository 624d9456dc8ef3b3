package dev.crosspatch.asm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;
import run.endive.runtime.ExportFunction;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.runtime.Memory;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;

/// A C library that was compiled to WebAssembly and then, at build time, to classes: its memory and functions.
/// Pointers and sizes are 32 bits wide. Not thread safe.
final class WasmLibrary {
  /// A function the library imports from its host.
  @FunctionalInterface
  interface HostFunction {
    /// Runs it; the result is dropped if the library expects none.
    long apply(Memory memory, long[] arguments);
  }

  private final Instance instance;
  private final Memory memory;
  private final ExportFunction malloc;
  private final ExportFunction free;

  /// Instantiates the module of `parts`.
  ///
  /// @param parts      of the module, but its code
  /// @param machine    makes the compiled code of the module
  /// @param imports    what the module imports, by name
  /// @param initialize exported name of the function to call once
  /// @param malloc     exported name of `malloc`
  /// @param free       exported name of `free`
  WasmLibrary(
      Parts parts,
      Function<Instance, Machine> machine,
      Map<String, HostFunction> imports,
      String initialize,
      String malloc,
      String free) {
    WasmModule module = parts.get();
    instance =
        Instance.builder(module)
            .withMachineFactory(machine)
            .withImportValues(importValues(module, imports))
            .build();
    memory = instance.memory();
    this.malloc = instance.export(malloc);
    this.free = instance.export(free);
    instance.export(initialize).apply();
  }

  /// The parts of a module that are not code: the resource `name` beside `anchor`. They are read when first asked for,
  /// shared by all libraries made of them, and given back when memory is short. The build checked them: it compares the
  /// file's hash, and the compiler validates what it compiles.
  static final class Parts {
    private final Class<?> anchor;
    private final String name;
    private final int largest;
    private SoftReference<WasmModule> module = new SoftReference<>(null);

    /// @param largest size of the largest function to keep for the interpreter, in bytes; others trap if they are
    ///                called
    Parts(Class<?> anchor, String name, int largest) {
      this.anchor = anchor;
      this.name = name;
      this.largest = largest;
    }

    synchronized WasmModule get() {
      WasmModule kept = module.get();
      if (kept == null) {
        kept = read(anchor, name, largest);
        module = new SoftReference<>(kept);
      }
      return kept;
    }
  }

  private static WasmModule read(Class<?> anchor, String name, int largest) {
    try (InputStream in = anchor.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing: module asm was not built completely");
      }
      byte[] module = WasmCode.withoutLargeFunctions(in.readAllBytes(), largest);
      return Parser.builder().withValidation(false).build().parse(() -> new ByteArrayInputStream(module));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ImportValues importValues(WasmModule module, Map<String, HostFunction> imports) {
    ImportFunction[] functions =
        module.importSection().stream()
            .map(i -> importFunction(module, (FunctionImport) i, imports))
            .toArray(ImportFunction[]::new);
    return ImportValues.builder().addFunction(functions).build();
  }

  private static ImportFunction importFunction(
      WasmModule module, FunctionImport wanted, Map<String, HostFunction> imports) {
    HostFunction function = imports.get(wanted.name());
    if (function == null) {
      throw new IllegalStateException("the WebAssembly library imports an unknown function '" + wanted.name() + "'");
    }
    FunctionType type = module.typeSection().getType(wanted.typeIndex());
    boolean answers = !type.returns().isEmpty();
    return new ImportFunction(
        wanted.module(),
        wanted.name(),
        type,
        (instance, arguments) -> {
          long result = function.apply(instance.memory(), arguments);
          return answers ? new long[] {result} : new long[0];
        });
  }

  /// The exported function `name`.
  ExportFunction function(String name) {
    return instance.export(name);
  }

  /// The library's memory.
  Memory memory() {
    return memory;
  }

  /// Allocates `size` bytes.
  int malloc(int size) {
    int pointer = (int) malloc.apply(size)[0];
    if (pointer == 0) {
      throw new IllegalStateException("no memory for " + size + " bytes inside the WebAssembly library");
    }
    return pointer;
  }

  /// Frees what [#malloc] gave.
  void free(int pointer) {
    free.apply(pointer);
  }

  /// Copies `text` with a final NUL into newly allocated memory.
  int newString(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int pointer = malloc(utf8.length + 1);
    memory.write(pointer, utf8);
    memory.writeByte(pointer + utf8.length, (byte) 0);
    return pointer;
  }
}
