package dev.crosspatch.tracer.pt;

import static dev.crosspatch.tracer.pt.PtPacketTable.*;

import dev.crosspatch.tracer.flow.ByteSink;
import dev.crosspatch.tracer.flow.PacketOutput;
import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Writes Intel PT packets into a growing buffer. Not thread safe.
///
/// [#write] writes a packet record as it stands. The `append` methods allocate nothing and choose the encoding: the
/// shortest TNT and CYC, and for an IP the shortest of IPBytes 1 (low 16 bits), 2 (low 32), 3 (48 sign-extended), 4
/// (low 48), 6 (all) that yields it from the last IP; 3 goes before 4, of the same size, because it does not depend on
/// the last IP. Hardware is free to compress less; one fixed rule makes traces comparable. The last IP is 0 after PSB
/// and at the start.
///
/// Unknown: whether hardware resets the last IP when packets are lost. Assumed that a decoder cannot rely on it, so the
/// first IP appended after OVF uses IPBytes 3 or 6, which every decoder accepts.
public final class PtPacketWriter implements PacketOutput {
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] buffer = new byte[4096];
  private int size;
  private long cleared;
  private long lastIp;
  private boolean lastIpLost;
  private int block;

  /// Bytes written so far.
  @Override
  public int size() {
    return size;
  }

  /// Bytes ever written, the forgotten ones included.
  @Override
  public long total() {
    return cleared + size;
  }

  /// Hands the bytes over and forgets them.
  @Override
  public void drainTo(ByteSink out) {
    out.write(buffer, 0, size);
    clear();
  }

  /// A copy of the bytes written so far.
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer, size);
  }

  /// Forgets the bytes, keeps last IP and block context: the stream goes on.
  public void clear() {
    cleared += size;
    size = 0;
  }

  /// Item size of the open BBP block, 4 or 8; 0 outside blocks.
  public int block() {
    return block;
  }

  /// Appends `packet`.
  ///
  /// @throws IllegalStateException if the packet does not fit the block context: a BIP outside a block or too wide for
  ///     it, or a TNT-8 that would read as a BIP
  public void write(PtPacket packet) {
    switch (packet) {
      case PtPacket.Pad() -> put(PAD, 0, 0);
      case PtPacket.Tnt8(long bits, int count) -> putTnt8(bits, count);
      case PtPacket.Tnt64(long bits, int count) -> put(TNT_64, 0, bits | (1L << count));
      case PtPacket.Tip(IpCompression compression, long ip) -> putIp(TIP, compression.code(), ip);
      case PtPacket.TipPge(IpCompression compression, long ip) -> putIp(TIP_PGE, compression.code(), ip);
      case PtPacket.TipPgd(IpCompression compression, long ip) -> putIp(TIP_PGD, compression.code(), ip);
      case PtPacket.Fup(IpCompression compression, long ip) -> putIp(FUP, compression.code(), ip);
      case PtPacket.Pip(long cr3, boolean nonRoot) -> put(PIP, 0, PIP_NR.put(nonRoot) | PIP_CR3.put(cr3 >>> 5));
      case PtPacket.ModeExec(boolean l, boolean d, boolean f) ->
          put(MODE_EXEC, EXEC_CS_L.put(l) | EXEC_CS_D.put(d) | EXEC_IF.put(f), 0);
      case PtPacket.ModeTsx(boolean inTx, boolean abort) ->
          put(MODE_TSX, TSX_IN_TX.put(inTx) | TSX_ABORT.put(abort), 0);
      case PtPacket.Tsc(long tsc) -> put(TSC, 0, tsc);
      case PtPacket.Mtc(int ctc) -> put(MTC, 0, ctc);
      case PtPacket.Tma(int ctc, int fastCounter) -> put(TMA, 0, TMA_CTC.put(ctc) | TMA_FC.put(fastCounter));
      case PtPacket.Cyc(long cycles) -> appendCyc(cycles);
      case PtPacket.Cbr(int ratio) -> put(CBR, 0, CBR_RATIO.put(ratio));
      case PtPacket.Vmcs(long base) -> put(VMCS, 0, VMCS_BASE.put(base >>> 12));
      case PtPacket.Psb() -> appendPsb();
      case PtPacket.PsbEnd() -> put(PSBEND, 0, 0);
      case PtPacket.Ovf() -> putOvf();
      case PtPacket.TraceStop() -> put(TRACE_STOP, 0, 0);
      case PtPacket.Mnt(long payload) -> put(MNT, 0, payload);
      case PtPacket.Ptw(long payload, int bytes, boolean ip) ->
          put(PTW, PTW_BYTES.put(bytes / 4 - 1) | PTW_IP.put(ip), payload);
      case PtPacket.ExStop(boolean ip) -> put(EXSTOP, EXSTOP_IP.put(ip), 0);
      case PtPacket.Mwait(int hints, int ext) -> put(MWAIT, 0, (hints & 0xffff_ffffL) | MWAIT_EXT.put(ext));
      case PtPacket.Pwre(int state, int sub, boolean hw) ->
          put(PWRE, 0, PWRE_STATE.put(state) | PWRE_SUB_STATE.put(sub) | PWRE_HW.put(hw));
      case PtPacket.Pwrx(int last, int deepest, int wake) ->
          put(PWRX, 0, PWRX_LAST.put(last) | PWRX_DEEPEST.put(deepest) | PWRX_WAKE.put(wake));
      case PtPacket.Bbp(int itemBytes, int type) -> put(BBP, BBP_SHORT.put(itemBytes == 4) | BBP_TYPE.put(type), 0);
      case PtPacket.Bip(int id, long payload) -> putBip(id, payload);
      case PtPacket.Bep(boolean ip) -> put(BEP, BEP_IP.put(ip), 0);
      case PtPacket.Cfe(int type, int vector, boolean ip) ->
          put(CFE, CFE_TYPE.put(type) | CFE_IP.put(ip), CFE_VECTOR.put(vector));
      case PtPacket.Evd(int type, long payload) -> put(EVD, EVD_TYPE.put(type), payload);
      case PtPacket.Trig trig -> putTrig(trig);
    }
  }

  /// Appends one TNT packet, short up to 6 branches.
  ///
  /// @param bits  the youngest branch in bit 0, the oldest in bit `count - 1`; 1 = taken or compressed return; no bits
  ///              above
  /// @param count 1..47
  public void appendTnt(long bits, int count) {
    if (count < 1 || count > 47 || bits >>> count != 0) {
      throw new IllegalArgumentException("TNT bits 0x" + Long.toHexString(bits) + " do not fit " + count
          + " branches of 1..47");
    }
    if (count <= 6) {
      putTnt8(bits, count);
    } else {
      put(TNT_64, 0, bits | (1L << count));
    }
  }

  /// Appends a TIP with this target.
  public void appendTip(long ip) {
    putIp(TIP, compress(ip), ip);
  }

  /// Appends a TIP.PGE with this IP.
  public void appendTipPge(long ip) {
    putIp(TIP_PGE, compress(ip), ip);
  }

  /// Appends a TIP.PGD with this target. One without target is `write(new TipPgd(SUPPRESSED, 0))`.
  public void appendTipPgd(long ip) {
    putIp(TIP_PGD, compress(ip), ip);
  }

  /// Appends a FUP with this source.
  public void appendFup(long ip) {
    putIp(FUP, compress(ip), ip);
  }

  /// Appends a TSC with the low 56 bits of `tsc`.
  public void appendTsc(long tsc) {
    put(TSC, 0, tsc);
  }

  /// Appends an MTC with the low 8 bits of `ctc`.
  public void appendMtc(int ctc) {
    put(MTC, 0, ctc);
  }

  /// Appends a CYC of 1 to 10 bytes.
  ///
  /// @param cycles unsigned; libipt reads up to 2^61 - 1
  public void appendCyc(long cycles) {
    reserve();
    int at = size;
    long rest = cycles >>> CYC_LOW.width();
    buffer[at++] = (byte) (opcode(CYC) | CYC_LOW.put(cycles) | CYC_MORE.put(rest != 0));
    while (rest != 0) {
      long low = rest;
      rest >>>= CYC_NEXT.width();
      buffer[at++] = (byte) (CYC_NEXT.put(low) | CYC_NEXT_MORE.put(rest != 0));
    }
    size = at;
  }

  /// Appends a PSB, after which the last IP is 0.
  public void appendPsb() {
    reserve();
    LONG.set(buffer, size, PSB_WORD);
    LONG.set(buffer, size + 8, PSB_WORD);
    size += PSB_BYTES;
    lastIp = 0;
    lastIpLost = false;
    block = 0;
  }

  private void putTnt8(long bits, int count) {
    long header = TNT_8_BITS.put(bits | (1L << count));
    if (block != 0 && matches(BIP, (int) header, 1)) {
      throw new IllegalStateException("TNT-8 0x" + Long.toHexString(header) + " inside a block reads as a BIP");
    }
    put(TNT_8, header, 0);
  }

  private int compress(long ip) {
    long changed = lastIpLost ? -1 : ip ^ lastIp;
    if (changed >>> 16 == 0) {
      return IpCompression.UPDATE_16.code();
    }
    if (changed >>> 32 == 0) {
      return IpCompression.UPDATE_32.code();
    }
    if ((ip << 16) >> 16 == ip) {
      return IpCompression.SEXT_48.code();
    }
    return changed >>> 48 == 0 ? IpCompression.UPDATE_48.code() : IpCompression.FULL.code();
  }

  private void putIp(int kind, int code, long ip) {
    put(kind, IP_BYTES.put(code), ip);
    lastIp = expandIp(code, ip, lastIp);
    lastIpLost &= code != IpCompression.SEXT_48.code() && code != IpCompression.FULL.code();
  }

  private void putOvf() {
    put(OVF, 0, 0);
    lastIpLost = true;
  }

  private void putBip(int id, long payload) {
    if (block == 0) {
      throw new IllegalStateException("BIP outside a block");
    }
    if (block == 4 && payload >>> 32 != 0) {
      throw new IllegalStateException("BIP payload 0x" + Long.toHexString(payload) + " in a block of 4-byte items");
    }
    put(BIP, BIP_ID.put(id), payload);
  }

  private void putTrig(PtPacket.Trig trig) {
    boolean counted = trig.count() >= 0;
    long header = TRIG_IP.put(trig.ip()) | TRIG_COUNTED.put(counted) | TRIG_MULTIPLE.put(trig.multiple());
    put(TRIG, header, TRIG_TRIGGERS.put(trig.triggers()) | TRIG_COUNT.put(counted ? trig.count() : 0));
  }

  /// Appends opcode and header fields, then as many low bytes of `payload` as the table says.
  private void put(int kind, long fields, long payload) {
    reserve();
    long header = opcode(kind) | fields;
    int payloadAt = size + headerBytes(kind);
    LONG.set(buffer, size, header);
    LONG.set(buffer, payloadAt, payload);
    size = payloadAt + payloadBytes(kind, header, block);
    block = blockAfter(kind, header, block);
  }

  /// Room for any packet and for what the eight-byte stores write beyond it.
  private void reserve() {
    if (buffer.length - size < MAX_BYTES + 8) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
  }
}
