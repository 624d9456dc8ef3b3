package dev.crosspatch.tracer.program;

import dev.crosspatch.core.code.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A random program: functions of ordinary instructions, branches, calls and patch sites, and a handler for traps and
/// interrupts.
public final class Program {
  /// A patchable place.
  ///
  /// @param on  its other text, the first being a 5-byte NOP
  public record Site(String name, long address, byte[] on) {
    byte[] off() {
      return FlowIsa.nop(5);
    }
  }

  public static final String HANDLER = "handler";
  private static final int STATEMENTS = 12;

  private final Random random;
  private final FlowIsa isa;
  private final ProgramText text;
  private final List<String> siteNames = new ArrayList<>();
  private final int functions;
  private int labels;

  public Program(long seed, int functions) {
    this(FlowIsa.BYTES, seed, functions);
  }

  public Program(FlowIsa isa, long seed, int functions) {
    this.isa = isa;
    this.text = new ProgramText(isa);
    this.random = new Random(seed);
    this.functions = functions;
    for (int f = 0; f < functions; f++) {
      function(f);
    }
    text.label(HANDLER).nop(3);
    text.branch(FlowIsa.JCC, "handler_end").nop(2).branch(FlowIsa.CALL, "leaf").label("handler_end").nop(1)
        .op(FlowIsa.IRET);
    text.label("leaf").nop(4).op(FlowIsa.RET);
  }

  private void function(int f) {
    text.label("f" + f);
    for (int i = 0; i < STATEMENTS; i++) {
      statement(f);
    }
    text.op(FlowIsa.RET);
  }

  private void statement(int f) {
    switch (random.nextInt(12)) {
      case 0, 1 -> skip(FlowIsa.JCC);
      case 2 -> skip(FlowIsa.JMP);
      case 3 -> loop();
      case 4 -> text.branch(FlowIsa.CALL,
          "f" + Math.min(functions - 1, f + 1 + random.nextInt(3)) + (f == functions - 1 ? "_self" : ""));
      case 5 -> text.op(FlowIsa.CALL_INDIRECT);
      case 6, 7 -> site();
      case 8 -> other();
      default -> text.nop(1 + random.nextInt(7));
    }
    if (f == functions - 1) {
      text.label("f" + f + "_self");
    }
  }

  private void other() {
    switch (random.nextInt(4)) {
      case 0 -> text.op(FlowIsa.CONTEXT);
      case 1 -> text.op(FlowIsa.HALT);
      case 2 -> text.op(FlowIsa.SYSCALL);
      default -> text.op(FlowIsa.SYNC);
    }
  }

  private void skip(String opcode) {
    String label = "l" + labels++;
    text.branch(opcode, label).nop(2);
    if (random.nextBoolean()) {
      text.branch(FlowIsa.JCC, label);
    }
    text.label(label);
  }

  private void loop() {
    String label = "l" + labels++;
    text.label(label).nop(1).branch(FlowIsa.JCC, label);
  }

  /// A site whose other text skips a block that costs a branch outcome or none.
  private void site() {
    String name = "s" + siteNames.size();
    siteNames.add(name);
    text.label(name).nop(5).nop(3);
    for (int i = random.nextInt(3); i > 0; i--) {
      text.branch(FlowIsa.JCC, name + "_on");
    }
    text.label(name + "_on").nop(1);
  }

  public FlowIsa isa() {
    return isa;
  }

  public Image image() {
    return text.image();
  }

  public long at(String label) {
    return text.at(label);
  }

  /// Start of a function.
  public long function(Random choice) {
    return text.at("f" + choice.nextInt(functions));
  }

  public List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    for (String name : siteNames) {
      long address = text.at(name);
      sites.add(new Site(name, address, FlowIsa.branch(FlowIsa.JMP, address, text.at(name + "_on"))));
    }
    return sites;
  }
}
