package dev.crosspatch.tests.oracle;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/// Turns the packets of a [PttFile] into bytes.
final class PttTrace {
  private final PttFile file;

  private PttTrace(PttFile file) {
    this.file = file;
  }

  /// The bytes of all packets of `file`.
  static byte[] bytes(PttFile file) {
    PttTrace trace = new PttTrace(file);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (PttFile.Directive packet : file.packets()) {
      out.writeBytes(trace.bytes(packet));
    }
    return out.toByteArray();
  }

  private byte[] bytes(PttFile.Directive directive) {
    List<String> a = Arrays.stream(directive.arguments().split("[,:]", -1)).map(String::strip)
        .filter(s -> !s.isEmpty()).toList();
    if (directive.name().startsWith("raw-")) {
      return raw(PttFile.number(a.getFirst()), Integer.parseInt(directive.name().substring("raw-".length())) / 8);
    }
    PtPacketWriter writer = new PtPacketWriter();
    writer.write(packet(directive, a));
    return writer.toByteArray();
  }

  private static byte[] raw(long value, int bytes) {
    byte[] out = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      out[i] = (byte) (value >>> (8 * i));
    }
    return out;
  }

  private PtPacket packet(PttFile.Directive directive, List<String> a) {
    return switch (directive.name()) {
      case "psb" -> new PtPacket.Psb();
      case "psbend" -> new PtPacket.PsbEnd();
      case "pad" -> new PtPacket.Pad();
      case "ovf" -> new PtPacket.Ovf();
      case "stop" -> new PtPacket.TraceStop();
      case "tnt" -> new PtPacket.Tnt8(bits(directive.arguments()), count(directive.arguments()));
      case "tnt64" -> new PtPacket.Tnt64(bits(directive.arguments()), count(directive.arguments()));
      case "tip" -> new PtPacket.Tip(compression(a), ip(a));
      case "tip.pge" -> new PtPacket.TipPge(compression(a), ip(a));
      case "tip.pgd" -> new PtPacket.TipPgd(compression(a), ip(a));
      case "fup" -> new PtPacket.Fup(compression(a), ip(a));
      case "mode.exec" -> new PtPacket.ModeExec(a.contains("64bit"), a.contains("32bit"), a.contains("if"));
      case "mode.tsx" -> new PtPacket.ModeTsx(a.contains("begin"), a.contains("abort"));
      case "pip" -> new PtPacket.Pip(number(a, 0), a.contains("nr"));
      case "tsc" -> new PtPacket.Tsc(number(a, 0));
      case "cbr" -> new PtPacket.Cbr((int) number(a, 0));
      case "tma" -> new PtPacket.Tma((int) number(a, 0), (int) number(a, 1));
      case "mtc" -> new PtPacket.Mtc((int) number(a, 0));
      case "cyc" -> new PtPacket.Cyc(number(a, 0));
      case "vmcs" -> new PtPacket.Vmcs(number(a, 0));
      case "mnt" -> new PtPacket.Mnt(number(a, 0));
      case "exstop" -> new PtPacket.ExStop(a.contains("ip"));
      case "mwait" -> new PtPacket.Mwait((int) number(a, 0), (int) number(a, 1));
      case "pwre" -> new PtPacket.Pwre(state(a.getFirst()), subState(a.getFirst()), a.contains("hw"));
      case "pwrx" -> new PtPacket.Pwrx(state(a.get(1)), state(a.get(2)), wake(a.getFirst()));
      case "ptw" -> new PtPacket.Ptw(number(a, 1), a.getFirst().equals("1") ? 8 : 4, a.contains("ip"));
      case "cfe" -> new PtPacket.Cfe((int) number(a, 0), a.size() > 1 && !a.get(1).equals("ip")
          ? (int) number(a, 1) : 0, a.contains("ip"));
      case "evd" -> new PtPacket.Evd((int) number(a, 0), number(a, 1));
      case "trig" -> new PtPacket.Trig((int) number(a, 0), a.contains("ip"), a.contains("mult"), instructionCount(a));
      default -> throw new IllegalArgumentException(file.name() + ": unknown packet " + directive.name());
    };
  }

  private long number(List<String> a, int index) {
    return file.address(a.get(index));
  }

  private static IpCompression compression(List<String> a) {
    return IpCompression.of(Integer.parseInt(a.getFirst()));
  }

  private long ip(List<String> a) {
    int bytes = compression(a).bytes();
    return a.size() < 2 || bytes == 0 ? 0 : number(a, 1) & (-1L >>> (64 - 8 * bytes));
  }

  private static int count(String outcomes) {
    return (int) outcomes.chars().filter(c -> c == 't' || c == 'n').count();
  }

  private static long bits(String outcomes) {
    return outcomes.chars().filter(c -> c == 't' || c == 'n').asLongStream()
        .reduce(0, (bits, c) -> (bits << 1) | (c == 't' ? 1 : 0));
  }

  /// `cN` as MWAIT's hints have it: C1 is 0, C0 is 15.
  private static int state(String c) {
    return (Integer.parseInt(c.substring(1).replaceFirst("\\..*", "")) - 1) & 0xf;
  }

  private static int subState(String c) {
    int dot = c.indexOf('.');
    return dot < 0 ? 0 : Integer.parseInt(c.substring(dot + 1)) & 0xf;
  }

  private static int wake(String reason) {
    return switch (reason) {
      case "int" -> 1;
      case "st" -> 4;
      case "hw" -> 8;
      default -> throw new IllegalArgumentException("wake reason " + reason);
    };
  }

  private static int instructionCount(List<String> a) {
    int at = a.indexOf("icnt");
    return at < 0 ? -1 : (int) PttFile.number(a.get(at + 1));
  }
}
