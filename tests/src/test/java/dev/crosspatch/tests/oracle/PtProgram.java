package dev.crosspatch.tests.oracle;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import dev.crosspatch.tracer.pt.PtPacket;
import dev.crosspatch.tracer.pt.PtPacketWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// A random x86-64 program of a few dozen instructions, the trace that a processor with filters makes of it (as by the
/// Intel manual, volume 3, chapter 33), and what ran. Tracing ends and starts as under a filter of the privilege level
/// (TIP.PGD without IP at each system call and interrupt) and of addresses (TIP.PGD with IP); FUPs of PTWRITE, power,
/// transaction, mode and event packets are strewn in where they are legal. Direct jumps go forward, so each loop has
/// outcomes.
final class PtProgram {
  static final long BASE = 0xffff_ffff_8100_0000L;
  private static final int INSTRUCTIONS = 48;
  private static final int STEPS = 400;
  /// Outside the filter's range, and of the text.
  private static final long OUTSIDE = BASE + 0x8000;

  private enum Op {
    NOP("90"), TEST("85c0"), MOVE("bb01000000"), PTWRITE("f30faee0"), BRANCH("0f84"), JUMP("e9"), CALL("e8"),
        INDIRECT_JUMP("ffe0"), INDIRECT_CALL("ffd0"), RETURN("c3"),
    SYSCALL("0f05");

    final String opcode;

    Op(String opcode) {
      this.opcode = opcode;
    }

    boolean isDirect() {
      return this == BRANCH || this == JUMP || this == CALL;
    }

    int length() {
      return opcode.length() / 2 + (isDirect() ? 4 : 0);
    }
  }

  private final RandomGenerator random;
  private final boolean events;
  private final Op[] ops = new Op[INSTRUCTIONS];
  private final long[] at = new long[INSTRUCTIONS + 1];
  private final long[] targets = new long[INSTRUCTIONS];
  private final List<String> flow = new ArrayList<>();
  private final PtPacketWriter out = new PtPacketWriter();
  private final List<Long> stack = new ArrayList<>();
  private long bits;
  private int bitCount;
  private int pc;

  /// @param events whether event trace is on: CFE and EVD packets, and MODE.Exec with FUPs
  PtProgram(RandomGenerator random, boolean events) {
    this.random = random;
    this.events = events;
    writeText();
    run();
  }

  /// The text, hex.
  String text() {
    StringBuilder hex = new StringBuilder();
    for (int i = 0; i < INSTRUCTIONS; i++) {
      hex.append(ops[i].opcode);
      if (ops[i].isDirect()) {
        hex.append("%08x".formatted(Integer.reverseBytes((int) (targets[i] - at[i + 1]))));
      }
    }
    return hex.toString();
  }

  byte[] trace() {
    return out.toByteArray();
  }

  /// Offsets of the instructions that ran, and `from>to` for diversions.
  String flow() {
    return String.join(" ", flow);
  }

  // ---- the text

  private void writeText() {
    at[0] = BASE;
    for (int i = 0; i < INSTRUCTIONS; i++) {
      ops[i] = i == INSTRUCTIONS - 1 ? Op.INDIRECT_JUMP : Op.values()[random.nextInt(Op.values().length)];
      at[i + 1] = at[i] + ops[i].length();
    }
    for (int i = 0; i < INSTRUCTIONS; i++) {
      boolean outside = random.nextInt(6) == 0;
      targets[i] = outside
          ? OUTSIDE + i : at[ops[i] == Op.BRANCH ? random.nextInt(INSTRUCTIONS) : random.nextInt(i, INSTRUCTIONS) + 1];
      targets[i] = i == INSTRUCTIONS - 1 ? BASE : targets[i] == at[INSTRUCTIONS] ? at[INSTRUCTIONS - 1] : targets[i];
    }
  }

  private int index(long address) {
    int i = 0;
    while (at[i] != address) {
      i++;
    }
    return i;
  }

  // ---- the run

  private void run() {
    out.appendPsb();
    out.write(new PtPacket.PsbEnd());
    startAnywhere();
    for (int i = 0; i < STEPS; i++) {
      strew();
      if (random.nextInt(25) == 0) {
        interrupt();
      } else {
        execute();
      }
    }
    flush();
    out.appendFup(at[pc]);
    pgd();
  }

  private void told() {
    flow.add(Long.toHexString(at[pc] - BASE));
  }

  private void execute() {
    told();
    Op op = ops[pc];
    switch (op) {
      case NOP, TEST, MOVE -> pc++;
      case PTWRITE -> {
        ptwrite();
        pc++;
      }
      case BRANCH -> branch();
      case JUMP, CALL -> direct(op == Op.CALL);
      case INDIRECT_JUMP, INDIRECT_CALL -> indirect(op == Op.INDIRECT_CALL);
      case RETURN -> ret();
      case SYSCALL -> {
        flush();
        pgd();
        startAnywhere();
      }
    }
  }

  private void branch() {
    boolean taken = random.nextBoolean();
    if (taken && targets[pc] >= OUTSIDE) {
      leave(targets[pc]);
    } else {
      bit(taken);
      pc = taken ? index(targets[pc]) : pc + 1;
    }
  }

  private void direct(boolean call) {
    if (call) {
      push();
    }
    if (targets[pc] >= OUTSIDE) {
      leave(targets[pc]);
    } else {
      pc = index(targets[pc]);
    }
  }

  private void indirect(boolean call) {
    if (call) {
      push();
    }
    if (random.nextInt(6) == 0) {
      leave(OUTSIDE + random.nextInt(0x1000));
    } else {
      tip();
    }
  }

  private void ret() {
    if (stack.isEmpty() || random.nextInt(4) == 0) {
      indirect(false);
    } else {
      bit(true);
      pc = index(stack.removeLast());
    }
  }

  private void push() {
    if (targets[pc] != at[pc + 1] || ops[pc] != Op.CALL) {
      stack.add(at[pc + 1]);
    }
  }

  /// An interrupt before the instruction: its handler is traced, or is not.
  private void interrupt() {
    flush();
    int kind = random.nextInt(3);
    if (kind == 0 && events) {
      out.write(new PtPacket.Cfe(1, 14, false));
    }
    out.appendFup(at[pc]);
    if (kind == 2) {
      pgd();
      modes();
      start(pc);
    } else {
      int handler = random.nextInt(INSTRUCTIONS);
      flow.add(Long.toHexString(at[pc] - BASE) + ">" + Long.toHexString(at[handler] - BASE));
      modeOfTheTarget();
      pc = handler;
      out.appendTip(at[pc]);
    }
  }

  // ---- packets

  private void bit(boolean taken) {
    bits = bits << 1 | (taken ? 1 : 0);
    if (++bitCount == 6) {
      flush();
    }
  }

  private void flush() {
    if (bitCount > 0) {
      out.appendTnt(bits, bitCount);
    }
    bits = 0;
    bitCount = 0;
  }

  private void tip() {
    flush();
    modeOfTheTarget();
    pc = random.nextInt(INSTRUCTIONS);
    out.appendTip(at[pc]);
  }

  /// MODE.Exec may come again before any TIP, and belongs to it.
  private void modeOfTheTarget() {
    if (random.nextInt(4) == 0) {
      out.write(new PtPacket.ModeExec(true, false, false));
    }
  }

  private void leave(long address) {
    flush();
    out.appendTipPgd(address);
    startAnywhere();
  }

  private void pgd() {
    out.write(new PtPacket.TipPgd(IpCompression.SUPPRESSED, 0));
  }

  private void startAnywhere() {
    modes();
    start(random.nextInt(INSTRUCTIONS));
  }

  /// What may be told while tracing is off, to be true when it starts.
  private void modes() {
    if (random.nextInt(4) == 0) {
      out.write(new PtPacket.ModeTsx(random.nextBoolean(), false));
    }
    out.write(new PtPacket.ModeExec(true, false, false));
  }

  private void start(int index) {
    pc = index;
    stack.clear();
    out.appendTipPge(at[pc]);
  }

  private void ptwrite() {
    boolean ip = random.nextBoolean();
    flush();
    out.write(new PtPacket.Ptw(random.nextInt(1 << 16), 4, ip));
    if (ip) {
      out.appendFup(at[pc]);
    }
  }

  /// Now and then, a packet with its own FUP before the instruction.
  private void strew() {
    int kind = random.nextInt(60);
    if (kind > 6 || (kind > 3 && !events)) {
      return;
    }
    flush();
    switch (kind) {
      case 0 -> out.write(new PtPacket.ExStop(true));
      case 1 -> out.write(new PtPacket.ModeTsx(random.nextBoolean(), false));
      case 2 -> synchronize();
      case 3 -> out.write(new PtPacket.ExStop(false));
      case 4 -> out.write(new PtPacket.ModeExec(true, false, random.nextBoolean()));
      case 5 -> out.write(new PtPacket.Cfe(3, 0, true));
      default -> out.write(new PtPacket.Cfe(2, 0, false));
    }
    if (kind != 2 && kind != 3 && kind != 6) {
      out.appendFup(at[pc]);
    }
  }

  private void synchronize() {
    out.appendPsb();
    out.write(new PtPacket.ModeExec(true, false, false));
    out.write(new PtPacket.ModeTsx(false, false));
    out.appendFup(at[pc]);
    out.write(new PtPacket.PsbEnd());
    stack.clear();
  }
}
