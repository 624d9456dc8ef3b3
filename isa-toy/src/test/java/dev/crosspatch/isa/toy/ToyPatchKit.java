package dev.crosspatch.isa.toy;

import dev.crosspatch.core.code.PatchKit;

/// What a patcher may write on the toy: an instruction is fetched whole, so any that changes nothing but where the flow
/// goes may replace another by one aligned store.
final class ToyPatchKit implements PatchKit {
  @Override
  public byte[] trap() {
    return plain(ToyRow.TRAP);
  }

  @Override
  public byte[] nop(int length) {
    check(length);
    return plain(ToyRow.NOP);
  }

  @Override
  public byte[] jump(long from, long to, int length) {
    check(length);
    return branch(ToyRow.J, from, to);
  }

  @Override
  public byte[] call(long from, long to) {
    return branch(ToyRow.CALL, from, to);
  }

  @Override
  public boolean replaceableLive(byte[] before, byte[] after) {
    return live(before) && live(after);
  }

  private static boolean live(byte[] code) {
    ToyRow row = code.length == ToyWord.LENGTH ? ToyRow.of(ToyWord.read(code, 0)) : null;
    return row == ToyRow.NOP || row == ToyRow.TRAP || row == ToyRow.J || row == ToyRow.CALL;
  }

  private static void check(int length) {
    if (length != ToyWord.LENGTH) {
      throw new IllegalArgumentException("no instruction of " + length + " bytes on the toy, only of 8");
    }
  }

  private static byte[] plain(ToyRow row) {
    return new ToyWord(row.opcode, 0, 0, 0, 0).bytes();
  }

  private static byte[] branch(ToyRow row, long from, long to) {
    long distance = to - from;
    if (distance != (int) distance || distance % ToyWord.LENGTH != 0) {
      throw new IllegalArgumentException(
          String.format("no branch from 0x%x to 0x%x: it reaches 2 GiB in steps of 8 bytes", from, to));
    }
    return new ToyWord(row.opcode, 0, 0, 0, (int) distance).bytes();
  }

  @Override
  public Rules rules() {
    return new Rules("the toy", "the toy", "the toy");
  }
}
