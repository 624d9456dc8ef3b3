package dev.crosspatch.tracer.pt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.pt.PtPacket.IpCompression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What packets refuse to hold, and how they say so.
class PtPacketTest {

  @Test
  void branchesAreAsManyAsThePacketHolds() {
    refuses("TNT bit count 0 is not in 1..6", () -> new PtPacket.Tnt8(0, 0));
    refuses("TNT bit count 7 is not in 1..6", () -> new PtPacket.Tnt8(0, 7));
    refuses("TNT bits 0x4 does not fit 2 bits", () -> new PtPacket.Tnt8(4, 2));
    refuses("TNT bit count 48 is not in 1..47", () -> new PtPacket.Tnt64(0, 48));
    refuses("TNT bits 0xffffffffffffffff does not fit 47 bits", () -> new PtPacket.Tnt64(-1, 47));
  }

  @Test
  void ipsAreInTheFormOfTheirCompression() {
    refuses("IP 1 does not fit IP compression 0", () -> new PtPacket.Tip(IpCompression.SUPPRESSED, 1));
    refuses("IP 10000 does not fit IP compression 1", () -> new PtPacket.Fup(IpCompression.UPDATE_16, 0x1_0000));
    refuses("IP 100000000 does not fit IP compression 2",
        () -> new PtPacket.TipPge(IpCompression.UPDATE_32, 0x1_0000_0000L));
    refuses("IP 800000000000 does not fit IP compression 3",
        () -> new PtPacket.TipPgd(IpCompression.SEXT_48, 0x8000_0000_0000L));
    refuses("IP ffff800000000000 does not fit IP compression 4",
        () -> new PtPacket.Tip(IpCompression.UPDATE_48, 0xffff_8000_0000_0000L));
    refuses("IP compression 5 is reserved", () -> IpCompression.of(5));
    refuses("IP compression 7 is reserved", () -> IpCompression.of(7));
    refuses("IP compression 8 is reserved", () -> IpCompression.of(8));
  }

  @Test
  void fieldsFitTheirWidth() {
    refuses("PIP CR3 0x10 is not a multiple of 32", () -> new PtPacket.Pip(0x10, false));
    refuses("PIP CR3 0x10000000000000 does not fit 52 bits", () -> new PtPacket.Pip(1L << 52, false));
    refuses("VMCS base 0x800 is not a multiple of 4096", () -> new PtPacket.Vmcs(0x800));
    refuses("MODE.Exec has both CS.L and CS.D", () -> new PtPacket.ModeExec(true, true, false));
    refuses("MODE.TSX has both InTX and TXAbort", () -> new PtPacket.ModeTsx(true, true));
    refuses("TSC 0x100000000000000 does not fit 56 bits", () -> new PtPacket.Tsc(1L << 56));
    refuses("MTC CTC 0x100 does not fit 8 bits", () -> new PtPacket.Mtc(256));
    refuses("TMA CTC 0x10000 does not fit 16 bits", () -> new PtPacket.Tma(0x10000, 0));
    refuses("TMA fast counter 0x200 does not fit 9 bits", () -> new PtPacket.Tma(0, 512));
    refuses("CBR ratio 0xffffffffffffffff does not fit 8 bits", () -> new PtPacket.Cbr(-1));
    refuses("PTW payload size 5 is neither 4 nor 8", () -> new PtPacket.Ptw(0, 5, false));
    refuses("PTW payload 0x100000000 does not fit 32 bits", () -> new PtPacket.Ptw(1L << 32, 4, false));
    refuses("PWRE sub state 0x10 does not fit 4 bits", () -> new PtPacket.Pwre(0, 16, false));
    refuses("PWRX wake reason 0x10 does not fit 4 bits", () -> new PtPacket.Pwrx(0, 0, 16));
    refuses("BBP item size 6 is neither 4 nor 8", () -> new PtPacket.Bbp(6, 0));
    refuses("BIP id 0x20 does not fit 5 bits", () -> new PtPacket.Bip(32, 0));
    refuses("CFE type 0x20 does not fit 5 bits", () -> new PtPacket.Cfe(32, 0, false));
    refuses("EVD type 0x40 does not fit 6 bits", () -> new PtPacket.Evd(64, 0));
    refuses("TRIG count 0x10000 does not fit 16 bits", () -> new PtPacket.Trig(0, false, false, 0x10000));
  }

  private static void refuses(String message, Executable construction) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, construction).getMessage());
  }
}
