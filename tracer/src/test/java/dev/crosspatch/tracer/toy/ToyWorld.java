package dev.crosspatch.tracer.toy;

import dev.crosspatch.core.code.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A random program: functions of ordinary instructions, branches, calls and patch sites, and a handler for traps and
/// interrupts.
public final class ToyWorld {
  /// A patchable place.
  ///
  /// @param on  its other text, the first being a 5-byte NOP
  public record Site(String name, long address, byte[] on) {
    byte[] off() {
      return ToyIsa.nop(5);
    }
  }

  public static final String HANDLER = "handler";
  private static final int STATEMENTS = 12;

  private final Random random;
  private final ToyIsa isa;
  private final ToyText text;
  private final List<String> siteNames = new ArrayList<>();
  private final int functions;
  private int labels;

  public ToyWorld(long seed, int functions) {
    this(ToyIsa.TOY, seed, functions);
  }

  public ToyWorld(ToyIsa isa, long seed, int functions) {
    this.isa = isa;
    this.text = new ToyText(isa);
    this.random = new Random(seed);
    this.functions = functions;
    for (int f = 0; f < functions; f++) {
      function(f);
    }
    text.label(HANDLER).nop(3);
    text.branch(ToyIsa.JCC, "handler_end").nop(2).branch(ToyIsa.CALL, "leaf").label("handler_end").nop(1)
        .op(ToyIsa.IRET);
    text.label("leaf").nop(4).op(ToyIsa.RET);
  }

  private void function(int f) {
    text.label("f" + f);
    for (int i = 0; i < STATEMENTS; i++) {
      statement(f);
    }
    text.op(ToyIsa.RET);
  }

  private void statement(int f) {
    switch (random.nextInt(12)) {
      case 0, 1 -> skip(ToyIsa.JCC);
      case 2 -> skip(ToyIsa.JMP);
      case 3 -> loop();
      case 4 -> text.branch(ToyIsa.CALL,
          "f" + Math.min(functions - 1, f + 1 + random.nextInt(3)) + (f == functions - 1 ? "_self" : ""));
      case 5 -> text.op(ToyIsa.CALL_INDIRECT);
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
      case 0 -> text.op(ToyIsa.CONTEXT);
      case 1 -> text.op(ToyIsa.HALT);
      case 2 -> text.op(ToyIsa.SYSCALL);
      default -> text.op(ToyIsa.SYNC);
    }
  }

  private void skip(String opcode) {
    String label = "l" + labels++;
    text.branch(opcode, label).nop(2);
    if (random.nextBoolean()) {
      text.branch(ToyIsa.JCC, label);
    }
    text.label(label);
  }

  private void loop() {
    String label = "l" + labels++;
    text.label(label).nop(1).branch(ToyIsa.JCC, label);
  }

  /// A site whose other text skips a block that costs a branch outcome or none.
  private void site() {
    String name = "s" + siteNames.size();
    siteNames.add(name);
    text.label(name).nop(5).nop(3);
    for (int i = random.nextInt(3); i > 0; i--) {
      text.branch(ToyIsa.JCC, name + "_on");
    }
    text.label(name + "_on").nop(1);
  }

  public ToyIsa isa() {
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
      sites.add(new Site(name, address, ToyIsa.branch(ToyIsa.JMP, address, text.at(name + "_on"))));
    }
    return sites;
  }
}
