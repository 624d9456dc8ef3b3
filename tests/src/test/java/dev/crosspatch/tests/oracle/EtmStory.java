package dev.crosspatch.tests.oracle;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.isa.arm64.Arm64Isa;
import dev.crosspatch.tracer.etm.EteProtocol;
import dev.crosspatch.tracer.etm.EtmConfig;
import dev.crosspatch.tracer.etm.EtmContext;
import dev.crosspatch.tracer.etm.EtmPacketWriter;
import dev.crosspatch.tracer.etm.EtmProtocol;
import dev.crosspatch.tracer.flow.FlowDecoder;
import dev.crosspatch.tracer.text.PokeLog;
import dev.crosspatch.tracer.text.TextTimeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// A few A64 words and the packets that a trace unit writes while they run, by hand; to be decoded by us and by
/// OpenCSD.
final class EtmStory {
  static final long TEXT = 0x40_0000;
  private static final int EL1 = EtmContext.of(1, true, EtmContext.Security.NON_SECURE).info();

  private final EtmProtocol protocol;
  private final Map<String, Long> options = new LinkedHashMap<>();
  private final int[] words;
  private final EtmPacketWriter out;

  /// A trace that begins at the first word.
  ///
  /// @param options that differ from the defaults; without time
  EtmStory(boolean ete, Map<String, Long> options, int... words) {
    protocol = ete ? new EteProtocol() : new EtmProtocol();
    this.options.putAll(protocol.options());
    this.options.put("timeless", 1L);
    this.options.put("cid", 0L);
    this.options.putAll(options);
    this.words = words;
    out = new EtmPacketWriter(config());
    sync();
    out.appendTraceOn();
    addressContext(0);
  }

  private EtmConfig config() {
    return protocol.config(0, options);
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
    TextTimeline text = new TextTimeline(new Arm64Isa(), image(), new PokeLog());
    new FlowDecoder(protocol, options, text, recorder).decode(protocol.reader(out.toByteArray(), options));
    return recorder;
  }

  /// What OpenCSD says; without it the calling test is skipped.
  Flows.Recorder opencsd(Path dir) throws IOException {
    Path trace = Files.write(dir.resolve("story.etm"), out.toByteArray());
    Path text = Files.write(dir.resolve("story.bin"), image().sections().getFirst().bytes());
    EtmConfig config = config();
    List<String> command = new ArrayList<>(List.of(OpencsdFlow.program().toString(), config.ete() ? "ete" : "etmv4"));
    for (int register : new int[] {
        config.configr(), config.traceidr(), config.idr0(), config.idr1(), config.idr2(), config.idr8(),
        config.devarch()}) {
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
    return protocol.name() + " " + options + " " + Arrays.stream(words).mapToObj(Integer::toHexString).toList();
  }
}
