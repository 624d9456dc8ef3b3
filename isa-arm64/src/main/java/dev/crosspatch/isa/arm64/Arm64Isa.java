package dev.crosspatch.isa.arm64;

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

/// AArch64 as a plug-in: A64 base integer instructions, EL0 and EL1, GICv3 and generic timer. AArch32 (A32, T32)
/// is refused.
public final class Arm64Isa implements Isa {
  private static final int EM_AARCH64 = 183;
  private static final Set<Mode> MODES = Set.of(Mode.CODE_64);
  private static final PatchKit PATCH_KIT = new Arm64PatchKit();

  private final Arm64Preset preset;

  /// With every instruction that this machine has.
  public Arm64Isa() {
    this(Arm64Preset.MAX);
  }

  private Arm64Isa(Arm64Preset preset) {
    this.preset = preset;
  }

  /// An instruction of the table.
  ///
  /// @param name title of its page in DDI0487 C6.2; the first word is the mnemonic
  /// @param bits from bit 31 down, blanks between parts: `0`, `1`, `.` for an ignored bit, `name:width` for a field
  public record Pattern(String name, String bits) {

    /// As [#rowOf] has it.
    public String row() {
      return name + " | " + bits;
    }
  }

  /// All instructions of the table, for tests and tools that make words.
  public static List<Pattern> patterns() {
    return Arm64Rows.ALL.stream().map(row -> new Pattern(row.name(), row.pattern())).toList();
  }

  /// Whether the little-endian `word` is an instruction that this machine has; all others are undefined on it.
  public static boolean executes(int word) {
    return Arm64Decoder.find(word) != null;
  }

  /// The row of the little-endian `word`, as `name | bits`, or null if it is undefined on this machine.
  public static @Nullable String rowOf(int word) {
    Arm64Row row = Arm64Decoder.find(word);
    return row == null ? null : row.name() + " | " + row.pattern();
  }

  @Override
  public String name() {
    return "aarch64";
  }

  @Override
  public int elfMachine() {
    return EM_AARCH64;
  }

  @Override
  public int alignment() {
    return 4;
  }

  @Override
  public int maxLength() {
    return 4;
  }

  @Override
  public List<String> tracedBy() {
    return List.of("etm", "ete");
  }

  @Override
  public Set<Mode> modes() {
    return MODES;
  }

  @Override
  public @Nullable Insn classify(byte[] code, int offset, int available, long address, Mode mode) {
    require(mode);
    return Arm64Decoder.classify(code, offset, available, address);
  }

  /// Where `other` knows an instruction of an extension that this machine has not, that is the text although
  /// [#classify] has null.
  @Override
  public Disassembler.@Nullable Line text(byte[] code, int offset, int available, long address, Mode mode,
      Disassembler.@Nullable Line other) {
    require(mode);
    return available < 4 ? null : Arm64Text.line(Arm64Decoder.word(code, offset), address, other);
  }

  @Override
  public int decode(byte[] code, int offset, int available, Mode mode, UopBuffer out) {
    require(mode);
    return Arm64Decoder.decode(code, offset, available, out, preset);
  }

  @Override
  public void profile(byte[] code, int offset, int available, Mode mode, UopBuffer ops, Profile out) {
    Arm64Decoder.profile(code, offset, ops, out, preset);
  }

  @Override
  public Core newCore(Uncore machine, int id) {
    return new Arm64Core(machine, id);
  }

  @Override
  public List<String> presets() {
    return Arm64Preset.titles();
  }

  @Override
  public Isa forPreset(String name) {
    return new Arm64Isa(Arm64Preset.named(name));
  }

  @Override
  public BootTables bootTables(Uncore machine, TablePages pages) {
    return new Arm64BootTables(pages);
  }

  @Override
  public UserMode userMode() {
    return new Arm64UserMode();
  }

  @Override
  public InterruptController interruptController(Uncore machine) {
    return new Arm64Distributor(machine);
  }

  @Override
  public PatchKit patchKit() {
    return PATCH_KIT;
  }

  @Override
  public String registerName(int index) {
    return index == Arm64Core.SP ? "SP" : "X" + index;
  }
}
