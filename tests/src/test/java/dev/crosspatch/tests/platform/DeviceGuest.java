package dev.crosspatch.tests.platform;

import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.Machine;
import dev.crosspatch.core.machine.MachineConfig;
import dev.crosspatch.core.machine.MachineConfig.Staleness;
import dev.crosspatch.core.state.Snapshot;
import dev.crosspatch.platform.LabBoard;
import dev.crosspatch.platform.MemoryMap;
import dev.crosspatch.platform.Platform;
import dev.crosspatch.sim.Plugins;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// A guest of the lab board with a [Courier]: sections `.text` and `.data`, one after the other; symbols `COURIER`
/// (where the device's registers are mapped) and `LINK_OFFSET` (virtual less physical addresses of the image).
final class DeviceGuest {
  private static final long DATA = 0x1_0000;
  private static final Map<String, Image> IMAGES = new HashMap<>();

  final Platform platform;
  final Machine machine;
  final Courier courier;
  final Image image;
  private final MemoryMap map;

  DeviceGuest(String isaName, int cpus, String source, int input, Map<String, Long> symbols) {
    Isa isa = Plugins.isa(isaName);
    boolean coherent = isa.coherentFetch();
    platform = new LabBoard().assemble(new MachineConfig(
        isa, cpus, isa.presets().getFirst(), Staleness.TYPICAL, coherent, coherent, 18 << 20, 1));
    machine = platform.machine();
    map = platform.map();
    courier = new Courier(platform, input);
    Map<String, Long> all = new TreeMap<>(symbols);
    all.put("COURIER", map.deviceMap() + Courier.BASE);
    all.put("LINK_OFFSET", map.kernelBase() - map.imageBase());
    image = IMAGES.computeIfAbsent(source + all, key -> assemble(isa, source, all));
    platform.boot(image);
  }

  private Image assemble(Isa isa, String source, Map<String, Long> symbols) {
    Image assembled = Plugins.assembler(isa, Syntax.MANUAL).assemble("guest.s", source,
        Map.of(".text", map.kernelBase(), ".data", map.kernelBase() + DATA), symbols);
    return new Image(assembled.sections().stream().map(DeviceGuest::withAccess).toList(), assembled.symbols());
  }

  private static Section withAccess(Section s) {
    Section.Access access = s.name().equals(".text") ? Section.Access.TEXT : Section.Access.DATA;
    return new Section(s.name(), s.address(), s.bytes(), access);
  }

  /// Virtual address of physical address 0 where devices are mapped.
  static long deviceMap(String isa) {
    return new LabBoard().map(Plugins.isa(isa)).deviceMap();
  }

  /// Physical address of a symbol.
  long physical(String symbol) {
    return image.address(symbol) - map.kernelBase() + map.imageBase();
  }

  long get(String symbol, long offset) {
    return machine.readPhysical(physical(symbol) + offset);
  }

  void set(String symbol, long offset, long value) {
    machine.writePhysical(physical(symbol) + offset, value);
  }

  byte[] save() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Snapshot.save(this, out);
    return out.toByteArray();
  }

  void load(byte[] saved) throws IOException {
    Snapshot.load(this, new ByteArrayInputStream(saved));
  }

  /// Counters, registers and RAM, as text.
  String state() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < machine.cpus(); i++) {
      text.append(machine.counters(i)).append(' ').append(Arrays.toString(machine.core(i).r)).append('\n');
    }
    return text.append(Arrays.hashCode(machine.memory().data())).append(' ').append(courier.delivered()).toString();
  }
}
