package dev.crosspatch.tests.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which system instructions user mode may not use, and which do not exist: every member of their opcodes' groups, with
/// every prefix, against the host CPU. What the host has and we have not (docs/isa-coverage.md) is left out by name.
class X86HostPrivilegeTest {
  private static final List<String> PREFIXES = List.of("", "66", "f3", "f2", "f0", "48", "67", "6648");
  private static final int UNDEFINED = 6;
  /// Second bytes of 0F 01 that AMD's or Intel's CPUs have: VMX, SVM, MONITOR, XGETBV, keys, CET, FRED and others.
  private static final Set<Integer> FOREIGN_01 = Set.of(0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc8, 0xc9, 0xca,
      0xcf, 0xd0, 0xd1, 0xd4, 0xd5, 0xd6, 0xd8, 0xd9,
      0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe8, 0xea, 0xec, 0xed, 0xee, 0xef, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff);

  @TempDir
  Path directory = Path.of("");

  /// TDCALL and XRESLDTRK, which newer CPUs have.
  private static final Set<String> NEWER = Set.of("660f01cc", "66480f01cc", "f20f01e8", "f20f01e9");

  private static List<String> instructions() {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("0f06", "0f08", "0f0b", "0f30", "0f31", "0f32", "f4", "fa", "fb", "e405", "e505", "e605", "e705",
        "ec", "ed", "ee", "ef", "cd05", "cdff",
        "f1", "cc", "ce", "0e", "06", "27", "60", "61", "9a", "d6"));
    for (int modrm = 0; modrm < 256; modrm++) {
      boolean memory = modrm < 0xc0;
      if (memory && (modrm & 0xc7) != 0) {
        continue; // [rax] stands for all memory
      }
      if (memory || !FOREIGN_01.contains(modrm)) {
        all.add(String.format("0f01%02x", modrm));
      }
      all.add(String.format("0f00%02x", modrm));
      for (String moves : List.of("20", "21", "22", "23")) {
        all.add(String.format("0f%s%02x", moves, modrm));
      }
    }
    return all;
  }

  /// With LOCK, AMD's CPUs have CR8 for CR0 (AltMovCr8, which our CPUID denies), and Zen 4 takes VERW of memory
  /// (measured).
  private static boolean isOwn(String instruction) {
    return instruction.startsWith("0f20") || instruction.startsWith("0f22") || instruction.equals("0f0028");
  }

  private static List<X86Vector> vectors() {
    List<X86Vector> vectors = new ArrayList<>();
    for (String instruction : instructions()) {
      for (String prefix : PREFIXES) {
        if ((prefix.equals("f0") && isOwn(instruction)) || NEWER.contains(prefix + instruction)) {
          continue;
        }
        X86Vector v = new X86Vector();
        for (int i = 0; i < v.r.length; i++) {
          v.r[i] = 0x40;
        }
        v.r[0] = X86Vector.SCRATCH;
        v.r[4] = X86Vector.SCRATCH + 128;
        v.flags = 0x202;
        v.code = HexFormat.of().parseHex(prefix + instruction);
        v.form = prefix + instruction;
        vectors.add(v);
      }
    }
    return vectors;
  }

  @Test
  void systemInstructionsAreRefusedAsOnTheHost() throws IOException, InterruptedException {
    Assumptions.assumeTrue(System.getProperty("os.arch").equals("amd64"), "the host is no x86-64");
    List<X86Vector> vectors = vectors();
    ByteBuffer results = new X86HostCpu(directory).run(vectors);
    X86UserMode ours = new X86UserMode(X86HostCpu.preset());
    List<String> differences = new ArrayList<>();
    int refused = 0;
    for (X86Vector v : vectors) {
      X86Vector them = X86Vector.readResult(results);
      X86Vector us = ours.run(v);
      refused += them.trap == 13 || them.trap == UNDEFINED ? 1 : 0;
      if (us.trap != them.trap || us.error != them.error) {
        differences.add(String.format("%s: vector %d (%x) against %d (%x)", v.form, us.trap, us.error, them.trap,
            them.error));
      }
    }
    assertEquals(List.of(), differences, "ours against the host's");
    assertTrue(refused > 1000, refused + " refused");
  }
}
