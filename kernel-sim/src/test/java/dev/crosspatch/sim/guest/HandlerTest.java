package dev.crosspatch.sim.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Symbol;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The breakpoint handlers against breakpoints that stand for every instruction they can emulate. The cases are guest
/// code: `handler-*.s`.
class HandlerTest {

  @ParameterizedTest
  @ValueSource(strings = {"int3-batch", "brk"})
  void emulatesEveryKind(String protocol) throws IOException {
    Isa isa = GuestRun.isa(protocol);
    GuestConfig config = Keys.builder(protocol).cpus(1).build();
    String source = GuestKernel.source(config) + resource("handler-" + isa.name() + ".s");
    Image image = GuestRun.assembler(isa)
        .assemble("handler-" + isa.name() + ".s", source, GuestLayout.sections(isa, config),
            GuestLayout.symbols(isa, config));
    GuestRun run = GuestRun.of(isa, config, entering(GuestKernel.link(isa, image, config), "test_start"),
        Staleness.TYPICAL, true);
    assertEquals("exit 0", run.lab().outcome().text());
  }

  /// The image with another entry point.
  private static Image entering(Image image, String entry) {
    long address = image.address(entry);
    return new Image(
        image.sections(),
        image.symbols().stream()
            .map(s -> s.name().equals("start") ? new Symbol("start", address, 0, Symbol.Kind.NOTYPE) : s).toList());
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(HandlerTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
