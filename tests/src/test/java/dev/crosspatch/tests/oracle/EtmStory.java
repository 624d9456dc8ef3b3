package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.InstructionSet;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.core.time.ClockRatio;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmPacket;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.EtmContext;
import dev.crosspatch.tracer.etm.EtmPacketWriter;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.flow.TraceSource;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import dev.crosspatch.tracer.unit.EtmUnitRegisters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// A few A64 words and the packets that a trace unit writes while they run, by hand; to be decoded by us and by
/// OpenCSD.
final class EtmStory {
  static final long TEXT = 0x40_0000;
  private static final int EL1 = EtmContext.of(1, true, EtmContext.Security.NON_SECURE).info();

  private final EtmConfig config;
  private final int[] words;
  private final EtmPacketWriter out;
  private InstructionSet isa = new Arm64Isa();

  /// A trace that begins at the first word.
  ///
  /// @param options in TRCCONFIGR
  EtmStory(boolean ete, int options, int... words) {
    this(registers(ete, options), words);
  }

  /// A trace that begins at the first word, of a trace unit with these registers.
  EtmStory(EtmRegisters registers, int... words) {
    config = new EtmConfig(registers, new ClockRatio(1, 1));
    this.words = words;
    out = new EtmPacketWriter(registers);
    sync();
    out.appendTraceOn();
    addressContext(0);
  }

  /// Those of our trace units.
  private static EtmRegisters registers(boolean ete, int options) {
    return ete ? EtmUnitRegisters.ete(options, 0x10) : EtmUnitRegisters.etmv4(options, 0x10);
  }

  /// Another instruction set by which we decode.
  EtmStory readBy(InstructionSet other) {
    isa = other;
    return this;
  }

  /// A target address in AArch32 state, of sub-instruction set `is`, with the context or without.
  EtmStory aarch32(long offset, int is, boolean context) {
    if (context) {
      out.appendAddressContext(TEXT + offset, is, EL1 & ~EtmContext.SF, 0, 0);
    } else {
      out.appendAddress(TEXT + offset, is);
    }
    return this;
  }

  /// A target address with its context, in AArch64 state or in AArch32 state.
  EtmStory address32(long offset, int is, boolean aarch64) {
    return aarch64 ? addressContext(offset) : aarch32(offset, is, true);
  }

  /// Trace On, and where and in which context it goes on.
  EtmStory on32(long offset, int is, boolean aarch64) {
    out.appendTraceOn();
    return address32(offset, is, aarch64);
  }

  boolean isEte() {
    return config.registers().ete();
  }

  EtmStory exceptionReturn() {
    out.appendExceptionReturn();
    return this;
  }

  /// An exception in AArch32 state.
  EtmStory exception32(int type, long returnTo, int is) {
    out.appendException(type, false, TEXT + returnTo, is);
    return this;
  }

  /// A-Sync and Trace Info.
  EtmStory sync() {
    out.appendASync();
    out.appendTraceInfo(0, 0, 0);
    return this;
  }

  /// Trace On, and where and in which context it goes on.
  EtmStory on(long offset) {
    out.appendTraceOn();
    return addressContext(offset);
  }

  /// Atoms, `E` and `N`, each in a packet of its own.
  EtmStory atoms(String letters) {
    for (int i = 0; i < letters.length(); i++) {
      out.appendAtoms(letters.charAt(i) == 'E' ? 1 : 0, 1);
    }
    return this;
  }

  /// A target address.
  EtmStory address(long offset) {
    out.appendAddress(TEXT + offset, 0);
    return this;
  }

  EtmStory addressContext(long offset) {
    out.appendAddressContext(TEXT + offset, 0, EL1, 0, 0);
    return this;
  }

  /// An exception; `isTarget` is E1:E0 = 10.
  EtmStory exception(int type, boolean isTarget, long returnTo) {
    out.appendException(type, isTarget, TEXT + returnTo, 0);
    return this;
  }

  /// Tracing stops here.
  EtmStory discard() {
    out.flushAtoms();
    out.write(new EtmPacket.Discard());
    return this;
  }

  EtmStory overflow() {
    out.appendOverflow();
    return this;
  }

  private Image image() {
    ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(words);
    return new Image(List.of(new Section(".text", TEXT, bytes.array(), Section.Access.TEXT)), List.of());
  }

  /// What our decoder says.
  Flows.Recorder ours() {
    Flows.Recorder recorder = new Flows.Recorder();
    TextTimeline text = new TextTimeline(isa, image(), new PokeLog());
    new FlowDecoder(config, text, recorder).decode(config.reader(TraceSource.of(out.toByteArray()), isa.modes()));
    return recorder;
  }

  /// What OpenCSD says; without it the calling test is skipped.
  Flows.Recorder opencsd(Path dir) throws IOException {
    Path trace = Files.write(dir.resolve("story.etm"), out.toByteArray());
    Path text = Files.write(dir.resolve("story.bin"), image().sections().getFirst().bytes());
    EtmRegisters r = config.registers();
    List<String> command = new ArrayList<>(List.of(OpencsdFlow.program().toString(), r.ete() ? "ete" : "etmv4"));
    for (int register : new int[] {
        r.configr(), r.traceidr(), r.idr0(), r.idr1(), r.idr2(), r.idr8(), r.devarch()}) {
      command.add(Integer.toHexString(register));
    }
    command.addAll(List.of(trace.toString(), text + "@" + Long.toHexString(TEXT)));
    Flows.Recorder recorder = new Flows.Recorder();
    Oracles.stream(command, new FlowLines(recorder, "ocsdflow"));
    return recorder;
  }

  /// Addresses at these offsets, as a recorder has them.
  static List<String> at(long... offsets) {
    return LongStream.of(offsets).mapToObj(offset -> Long.toHexString(TEXT + offset)).toList();
  }

  @Override
  public String toString() {
    return config + " " + Arrays.stream(words).mapToObj(Integer::toHexString).toList();
  }
}
