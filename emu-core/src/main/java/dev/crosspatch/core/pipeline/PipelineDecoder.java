package dev.crosspatch.core.pipeline;

import dev.crosspatch.core.code.Mode;
import dev.crosspatch.core.pipeline.PipelineTable.Flag;
import dev.crosspatch.core.pipeline.PipelineTable.Parameter;
import dev.crosspatch.core.pipeline.PipelineTable.Row;
import dev.crosspatch.core.time.ClockUnit;
import dev.crosspatch.core.uop.CostClass;
import dev.crosspatch.core.uop.Profile;
import dev.crosspatch.core.uop.Uop;
import dev.crosspatch.core.uop.UopBuffer;
import dev.crosspatch.core.uop.UopDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Makes a [PipelineOp] of an instruction: what it takes is in the table, what it waits for in its micro-ops and, of
/// helpers, in its [Profile].
public final class PipelineDecoder {
  private static final int GENERAL = 32;
  private static final int NEVER = Uop.SINK;

  private final UopDecoder isa;
  private final PipelineTable table;
  private final Profile profile = new Profile();
  private final int stackRegister;
  private final boolean branchesFuse;

  // ---- of the instruction at hand
  private final Address[] temporary = new Address[64];
  private final List<Integer> addresses = new ArrayList<>();
  private final List<Integer> sources = new ArrayList<>();
  private final List<Integer> results = new ArrayList<>();
  private final List<Integer> early = new ArrayList<>();
  private final boolean[] written = new boolean[64];

  /// `r[base] + (r[index] << scale) + displacement`, from the next instruction's address on if `relative`.
  private record Address(int base, int index, int scale, long displacement, boolean relative) {
    static final Address UNKNOWN = new Address(Uop.ZERO, Uop.ZERO, 0, 0, false);

    Address plus(long more) {
      return new Address(base, index, scale, displacement + more, relative);
    }
  }

  public PipelineDecoder(UopDecoder isa, PipelineTable table) {
    this.isa = isa;
    this.table = table;
    stackRegister = (int) table.number(Parameter.STACK);
    branchesFuse = table.number(Parameter.FUSES) != 0;
  }

  /// The instruction in `code[offset, offset + available)`, which has been decoded to `ops`.
  public PipelineOp op(byte[] code, int offset, int available, Mode mode, UopBuffer ops) {
    profile.clear();
    isa.profile(code, offset, available, mode, ops, profile);
    Row row = table.row(profile.form, profile.cost);
    PipelineOp op = new PipelineOp();
    begin(op);
    for (int i = 0; i < ops.count(); i++) {
      microOp(op, ops.word(i), ops.imm(i));
    }
    for (int i = 0; i < profile.reads(); i++) {
      sources.add(profile.readAt(i));
    }
    for (int i = 0; i < profile.writes(); i++) {
      results.add(profile.writeAt(i));
    }
    takes(op, row, ops.cost());
    return waits(op, row);
  }

  private void begin(PipelineOp op) {
    Arrays.fill(temporary, null);
    Arrays.fill(written, false);
    addresses.clear();
    sources.clear();
    results.clear();
    early.clear();
    op.base = (byte) Uop.ZERO;
    op.index = (byte) Uop.ZERO;
  }

  // ---- micro-ops

  private void microOp(PipelineOp op, long word, long imm) {
    int row = Uop.op(word);
    int a = Uop.a(word);
    int b = Uop.b(word);
    int c = Uop.c(word);
    int dst = Uop.hasResult(row) ? Uop.dst(word) : NEVER;
    switch (row) {
      case Uop.LOAD -> access(op, address(a, c, Uop.scale(word), imm), 1 << Uop.width(word), 0);
      case Uop.STORE -> {
        access(op, address(a, c, Uop.scale(word), imm), 0, 1 << Uop.width(word));
        source(b);
      }
      case Uop.HELPER -> {
        helper(op, word);
        return;
      }
      case Uop.LEA -> {
        Address made = address(a, c, Uop.scale(word), imm);
        temporary[dst] = made;
        if (dst < GENERAL) {
          address(made);
        }
      }
      case Uop.NEXTPC -> temporary[dst] = new Address(Uop.ZERO, Uop.ZERO, 0, imm, true);
      case Uop.SHLI -> {
        source(a);
        temporary[dst] = a < GENERAL && imm >= 0 && imm <= 3 ? new Address(Uop.ZERO, a, (int) imm, 0, false) : null;
      }
      case Uop.ADDI -> moved(dst, a, imm);
      case Uop.SUBI -> moved(dst, a, -imm);
      case Uop.MOV -> moved(dst, a, 0);
      case Uop.ADD -> {
        source(a);
        source(b);
        temporary[dst] = (a < GENERAL && b >= Uop.ISA0) || (b < GENERAL && a >= Uop.ISA0)
            ? new Address(a, b, 0, 0, false) : null;
      }
      default -> {
        source(a);
        source(b);
        source(c);
        if (row == Uop.MERGE8 || row == Uop.MERGE8H || row == Uop.MERGE16 || row == Uop.BFI) {
          source(dst);
        }
        temporary[dst] = null;
      }
    }
    flags(row);
    result(dst);
  }

  private void moved(int dst, int a, long by) {
    Address from = temporary[a];
    source(a);
    temporary[dst] = from != null ? from.plus(by) : a < GENERAL || a == Uop.ZERO
        ? new Address(a, Uop.ZERO, 0, by, false) : null;
  }

  private void source(int register) {
    if (register < GENERAL && !written[register]) {
      sources.add(register);
    }
  }

  private void result(int register) {
    if (register < GENERAL) {
      written[register] = true;
      results.add(register);
    } else if (register != NEVER && register >= 0) {
      written[register] = true;
    }
  }

  private void flags(int row) {
    int op = row & Uop.OPERATION;
    boolean reads = row == Uop.JCC || row == Uop.SETCC || row == Uop.CSEL || row == Uop.ADC || row == Uop.SBB
        || row == Uop.ADCF || row == Uop.SBBF;
    if (reads && !written[Profile.FLAGS]) {
      sources.add(Profile.FLAGS);
    }
    boolean shift = op >= (Uop.SHLF & Uop.OPERATION) && op <= (Uop.RORF & Uop.OPERATION);
    if (Uop.kind(row) != 0 || shift || row == Uop.ADCF || row == Uop.SBBF) {
      results.add(Profile.FLAGS);
    }
  }

  /// Fields of a helper are registers if the profile does not list them.
  private void helper(PipelineOp op, long word) {
    if (profile.loadBytes + profile.storeBytes > 0 && op.loads + op.stores == 0) {
      Address at = address(profile.base, profile.index, 0, profile.displacement);
      for (int i = 0; i < profile.accesses; i++) {
        access(op, at, profile.loadBytes, profile.storeBytes);
      }
    }
    if (!profile.listed) {
      source(Uop.a(word));
      source(Uop.b(word));
      source(Uop.c(word));
      result(Uop.dst(word));
    }
  }

  // ---- accesses

  private Address address(int base, int index, int scale, long displacement) {
    Address known = temporary[base];
    Address offset = temporary[index];
    boolean scaled = offset != null && offset.base == Uop.ZERO && !offset.relative && scale == 0;
    if (offset != null && scaled && base < GENERAL && known == null) {
      return new Address(base, offset.index, offset.scale, offset.displacement + displacement, false);
    }
    if (known != null && index == Uop.ZERO) {
      return known.plus(displacement);
    }
    if (known != null && known.index == Uop.ZERO && !known.relative) {
      return new Address(known.base, index, scale, known.displacement + displacement, false);
    }
    boolean plain = (base < GENERAL || base == Uop.ZERO || base >= Uop.ISA0)
        && (index < GENERAL || index == Uop.ZERO || index >= Uop.ISA0);
    return plain ? new Address(base, index, scale, displacement, false) : Address.UNKNOWN;
  }

  private void access(PipelineOp op, Address at, int loadBytes, int storeBytes) {
    if (op.loads + op.stores == 0) {
      op.base = (byte) at.base;
      op.index = (byte) at.index;
      op.scale = (byte) at.scale;
      op.displacement = at.displacement;
      op.flags |= (at.relative ? PipelineOp.RELATIVE : 0) | (at.equals(Address.UNKNOWN) ? PipelineOp.UNKNOWN : 0);
      op.key = at.equals(Address.UNKNOWN) ? 0 : at.hashCode() | 1;
    }
    address(at);
    if (loadBytes > 0) {
      op.loads++;
      op.loadBytes = (short) Math.max(op.loadBytes, loadBytes);
    }
    if (storeBytes > 0) {
      op.stores++;
      op.storeBytes = (short) Math.max(op.storeBytes, storeBytes);
    }
  }

  private void address(Address at) {
    for (int register : new int[] {at.base, at.index}) {
      if (register < GENERAL && !written[register] && !addresses.contains(register)) {
        addresses.add(register);
      }
    }
  }

  // ---- what it takes and waits for

  private void takes(PipelineOp op, Row row, CostClass cost) {
    op.slots = (int) Math.round(row.slots() * ClockUnit.PER_CYCLE / table.number(Parameter.WIDTH));
    op.latency = row.latency();
    boolean idiom = row.has(Flag.IDIOM) && profile.same && table.has(Parameter.ELIMINATION);
    boolean eliminated = row.has(Flag.ELIMINATED) && op.loads + op.stores == 0 && table.has(Parameter.ELIMINATION);
    int[] uops = idiom || eliminated ? new int[0] : row.groups();
    IntStream.Builder ports = IntStream.builder();
    for (int i = 0; i < uops.length; i++) {
      for (int wider : table.wider(uops[i])) {
        ports.add(wider).add(row.busy()[i] / table.ports(wider));
      }
    }
    op.ports = table.shared(ports.build().toArray());
    if (idiom || eliminated || row.has(Flag.NOP)) {
      op.flags |= PipelineOp.FREE;
      op.latency = 0;
    }
    if (idiom || row.has(Flag.NOP)) {
      sources.clear();
    }
    if (row.has(Flag.UNARY) && !results.isEmpty()) {
      sources.remove(Integer.valueOf(results.getFirst())); // once: it may be named besides
    }
    op.flags |= moves(row) ? PipelineOp.STACK : 0;
    flag(op, row, Flag.SERIAL, PipelineOp.SERIAL);
    flag(op, row, Flag.FUSES, PipelineOp.FUSES);
    op.flags |= row.has(Flag.BRANCH) && branchesFuse ? PipelineOp.BRANCH : 0;
    op.flags |= cost == CostClass.ATOMIC ? PipelineOp.LOCKED : 0;
    op.flags |= op.loads > 0 ? PipelineOp.LOADS : 0;
    op.flags |= op.stores > 0 ? PipelineOp.STORES : 0;
    op.flags |= (row.groups().length == 0 && op.latency == 0) || op.stores > 0 ? PipelineOp.PLAIN : 0;
    flag(op, row, Flag.DIVIDE, PipelineOp.DIVIDES);
    flag(op, row, Flag.NOP, PipelineOp.NOP);
    op.dividend = (byte) profile.dividend;
    op.divisor = (byte) profile.divisor;
    op.operandBits = (short) profile.operandBits;
  }

  /// Whether the stack engine moves the stack pointer.
  private boolean moves(Row row) {
    return row.has(Flag.STACK) && table.has(Parameter.STACK_ENGINE);
  }

  private static void flag(PipelineOp op, Row row, Flag flag, int bit) {
    op.flags |= row.has(flag) ? bit : 0;
  }

  private PipelineOp waits(PipelineOp op, Row row) {
    boolean vector = false;
    for (int register : results) {
      vector |= register >= Profile.VECTOR;
    }
    boolean vectorData = false;
    for (int register : sources) {
      vectorData |= register >= Profile.VECTOR;
    }
    op.flags |= vector || (vectorData && op.loads > 0) ? PipelineOp.VECTOR : 0;
    op.flags |= vectorData ? PipelineOp.VECTOR_DATA : 0;
    boolean stack = moves(row);
    boolean uses = sources.contains(stackRegister) || addresses.contains(stackRegister);
    op.flags |= uses && !stack ? PipelineOp.USES_STACK : 0;
    if (stack) {
      for (List<Integer> list : List.of(sources, addresses, results)) {
        list.removeIf(register -> register == stackRegister);
      }
    }
    if (op.loads + op.stores > 0) {
      writeBack();
    }
    if (!table.has(Parameter.DEPENDENCES)) {
      addresses.clear();
      sources.clear();
    }
    List<Integer> reads = sources.stream().distinct().toList();
    List<Integer> writes = results.stream().distinct().toList();
    op.a0 = (byte) at(addresses, 0, Profile.NONE);
    op.a1 = (byte) at(addresses, 1, Profile.NONE);
    op.s0 = (byte) at(reads, 0, Profile.NONE);
    op.s1 = (byte) at(reads, 1, Profile.NONE);
    op.s2 = (byte) at(reads, 2, Profile.NONE);
    op.s3 = (byte) at(reads, 3, Profile.NONE);
    op.d0 = (byte) at(writes, 0, NEVER);
    op.d1 = (byte) at(writes, 1, NEVER);
    op.d2 = (byte) at(writes, 2, NEVER);
    op.early = (byte) at(early, 0, NEVER);
    return op;
  }

  /// A register that becomes what an address was is ready long before what is loaded; and who waits for it as an
  /// address does not wait for it as data.
  private void writeBack() {
    for (int register : addresses) {
      Address now = temporary[register];
      if (now != null && now.base == register && results.contains(register)) {
        early.add(register);
        results.removeIf(r -> r == register);
        sources.removeIf(r -> r == register);
      }
    }
  }

  private static int at(List<Integer> list, int i, int missing) {
    return i < list.size() ? list.get(i) : missing;
  }
}
