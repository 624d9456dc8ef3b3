package dev.crosspatch.isa.x86;

import dev.crosspatch.core.code.Disassembler;
import dev.crosspatch.core.code.Insn;
import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.code.PatchKit;
import dev.crosspatch.core.cpu.Core;
import dev.crosspatch.core.cpu.Uncore;
import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.InterruptController;
import dev.crosspatch.core.machine.Isa;
import dev.crosspatch.core.machine.TablePages;
import dev.crosspatch.core.machine.UserMode;
import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.UopBuffer;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// x86-64, 64-bit mode only: code of 32 and 16 bits (CS.L = 0) is refused.
public final class X86Isa implements Isa {
  private static final String[] REGISTERS = {
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"
  };
  private static final int ELF_MACHINE = 62;
  private static final Set<Mode> MODES = Set.of(Mode.CODE_64);

  private final PatchKit patchKit = new X86PatchKit();
  private final X86Level level;

  /// As cores that have everything decode it.
  public X86Isa() {
    this(X86Level.ALL);
  }

  private X86Isa(X86Level level) {
    this.level = level;
  }

  @Override
  public String name() {
    return "x86-64";
  }

  @Override
  public int elfMachine() {
    return ELF_MACHINE;
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public int maxLength() {
    return X86Decoder.MAX_LENGTH;
  }

  @Override
  public List<String> tracedBy() {
    return List.of("pt");
  }

  @Override
  public Set<Mode> modes() {
    return MODES;
  }

  @Override
  public boolean coherentFetch() {
    return true;
  }

  /// Both manuals say of loads that they find such stores whole (SDM vol. 3 8.1.1; APM vol. 1 3.9.1, where no store
  /// that stays within a quadword need be aligned itself); of fetch there is nothing as clear.
  @Override
  public int fetchAtom() {
    return Long.BYTES;
  }

  /// Instructions that the emulator does not implement but whose length is known (SSE and the like) are told as well;
  /// they have flow class `OTHER`. A core raises #UD on them.
  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    require(mode);
    X86Decoder decoder = new X86Decoder(code, offset, available).tracing();
    return decoder.parse() == X86Decoder.MORE ? null : decoder.classify(address);
  }

  @Override
  public Disassembler.@Nullable Line text(byte[] code, int offset, int available, long address, Mode mode,
      Disassembler.@Nullable Line other) {
    require(mode);
    X86Decoder decoder = new X86Decoder(code, offset, available).tracing();
    return decoder.parse() == X86Decoder.MORE ? null : decoder.text(address, other);
  }

  /// The row of [X86Rows] that decodes the instruction, as `encoding | form`, or null if there is none or more bytes
  /// are needed. Its form starts with `*` if the instruction is not implemented and only its length known.
  public static @Nullable String rowOf(byte[] code, int offset, int available) {
    X86Decoder decoder = new X86Decoder(code, offset, available);
    return decoder.parse() == X86Decoder.MORE || decoder.row == null ? null : decoder.row.toString();
  }

  /// All rows of instructions that are implemented, as `encoding | form`.
  public static List<String> rows() {
    return X86Rows.ALL.stream().filter(row -> !row.foreign).map(X86Row::toString).toList();
  }

  @Override
  public int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out) {
    require(mode);
    X86Decoder decoder = new X86Decoder(code, offset, available).upTo(level);
    int length = decoder.parse();
    if (length != X86Decoder.MORE) {
      decoder.emit(out);
    }
    return length;
  }

  @Override
  public void profile(byte[] code, int offset, int available, Mode mode, UopBuffer ops, Profile out) {
    X86Decoder decoder = new X86Decoder(code, offset, available).upTo(level);
    decoder.parse();
    X86Profile.fill(decoder, ops, out);
  }

  @Override
  public Core newCore(Uncore machine, int id) {
    return new X86Core(machine, id);
  }

  @Override
  public List<String> presets() {
    return List.of("skylake", "zen4", "x86-64-v1", "x86-64-v2", "vm", "server");
  }

  @Override
  public Isa forPreset(String name) {
    return new X86Isa(X86Level.of(name));
  }

  @Override
  public BootTables bootTables(Uncore machine, TablePages pages) {
    return new X86BootTables(pages);
  }

  @Override
  public UserMode userMode() {
    return new X86UserMode();
  }

  @Override
  public InterruptController interruptController(Uncore machine) {
    return new X86IoApic(machine);
  }

  @Override
  public PatchKit patchKit() {
    return patchKit;
  }

  @Override
  public String registerName(int index) {
    if (index < REGISTERS.length) {
      return REGISTERS[index];
    }
    return index == X86Core.FS_BASE ? "FS base" : index == X86Core.GS_BASE ? "GS base" : "r" + index;
  }
}
