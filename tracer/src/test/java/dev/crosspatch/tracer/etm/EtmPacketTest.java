package dev.crosspatch.tracer.etm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.tracer.etm.EtmAddress.Form;
import dev.crosspatch.tracer.etm.EtmContext.Security;
import dev.crosspatch.tracer.unit.EtmUnitRegisters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What records refuse, and how they say it.
class EtmPacketTest {
  private static final EtmAddress SHORT = new EtmAddress(Form.SHORT, 0, 0x10);
  private static final EtmContext EL1 = EtmContext.of(1, true, Security.NON_SECURE);

  @Test
  void packetsRefuseWhatNoStreamCanHold() {
    refuse(() -> new EtmPacket.TraceInfo(128, 0, 0, 0), "Trace Info INFO 128: more than 7 bits");
    refuse(() -> new EtmPacket.TraceInfo(0, 0, 0, 4096), "Trace Info CYCT 4096: more than 12 bits");
    refuse(() -> new EtmPacket.Timestamp(0, 1 << 20), "Timestamp cycle count 1048576: more than 20 bits");
    refuse(() -> new EtmPacket.ExceptionEntry(5, false, SHORT, null), "Exception type 5 is reserved");
    refuse(() -> new EtmPacket.ExceptionEntry(6, false, SHORT, EL1), "Exception with context has no form SHORT");
    refuse(() -> new EtmPacket.AddressContext(SHORT, EL1), "Target Address with Context has no form SHORT");
    refuse(() -> new EtmPacket.Instrumentation(4, 0), "Instrumentation EL 4: more than 2 bits");
    refuse(() -> new EtmPacket.CycleCountF1(-1, 0), "Cycle Count F1 commit -1: more than 32 bits");
    refuse(() -> new EtmPacket.CycleCountF3(5, 0), "Cycle Count F3 commit 5: 0 to 4 expected");
    refuse(() -> new EtmPacket.Commit(1L << 32), "Commit count 4294967296: more than 32 bits");
    refuse(() -> new EtmPacket.CancelF1(0, true), "Cancel F1 of 0 elements is reserved");
    refuse(() -> new EtmPacket.CancelF3(true, 6), "Cancel F3 count 6: 2 to 5 expected");
    refuse(() -> new EtmPacket.Event(16), "Events 16: 1 to 15 expected");
    refuse(() -> new EtmPacket.Q(5, new EtmAddress(Form.LONG64, 0, 0)),
        "Q packet has no 64-bit form: EtmAddress[form=LONG64, is=0, value=0]");
    refuse(() -> new EtmPacket.Q(EtmPacket.UNKNOWN, SHORT),
        "Q packet with address EtmAddress[form=SHORT, is=0, value=16] needs a count");
    refuse(() -> new EtmPacket.Atoms(0b0110, 4), "No atom packet holds NEEN");
    refuse(() -> new EtmAddress(Form.SHORT, 2, 0), "Sub-instruction set 2: 0 or 1 expected");
    refuse(() -> new EtmContext(4, true, Security.SECURE, -1, -1), "Exception level 4: 0 to 3 expected");
    refuse(() -> new EtmContext(0, true, Security.SECURE, 1L << 32, -1), "VMID 0x100000000: more than 32 bits");
  }

  @Test
  void contextsAndTheirInformationByte() {
    assertEquals(0x31, EL1.info());
    assertEquals(0xF1, EL1.withVmid(-1).withContextId(0).info());
    assertEquals(0xFFFF_FFFFL, EL1.withVmid(-1).vmid());
    assertEquals(0x1B, EtmContext.of(3, true, Security.ROOT).info());
    assertEquals(0x28, EtmContext.of(0, false, Security.REALM).info());
  }

  @Test
  void configurationsRefuseReservedSizes() {
    refuse(() -> Configurations.etmv4(0, 0x0400, 0x1020, 0), "TRCIDR2 0x00001020: CIDSIZE value 1 is reserved");
    refuse(() -> Configurations.etmv4(0, 0x0400, 0x0C00, 0), "TRCIDR2 0x00000c00: VMIDSIZE value 3 is reserved");
    refuse(() -> Configurations.etmv4(0, 0x0400, 9 << 25, 0), "TRCIDR2 0x12000000: CCSIZE value 9 is reserved");
    refuse(() -> Configurations.etmv4(0x0500_0000, 0x0400, 0, 0), "TRCIDR0 0x05000000: TSSIZE value 5 is reserved");
    refuse(() -> Configurations.etmv4(0, 0x0340, 0, 0), "TRCIDR1 0x00000340: TRCARCHMAJ value 3 is reserved");
    refuse(() -> Configurations.ete(0, 0x4770_4A13, 0), "TRCDEVARCH 0x47704a13: ARCHVER value 4 is reserved");
  }

  @Test
  void configurationsDeriveWhatPacketsNeed() {
    EtmRegisters spec = Configurations.named("etm4.6-spec");
    assertEquals(0x46, spec.version());
    assertEquals(2, spec.vmidBytes());
    assertEquals(4, Configurations.named("etm4.5").contextIdBytes());
    assertEquals(48, spec.timestampBits());
    assertEquals(64, spec.maxSpeculation());
    assertEquals(20, spec.cycleCountBits());
    assertEquals(0x53, Configurations.named("ete1.3-spec").version());
    assertEquals(0x10, EtmUnitRegisters.ete(EtmRegisters.CONFIGR_RS, 0x10).traceId());
    assertEquals(true, EtmUnitRegisters.ete(EtmRegisters.CONFIGR_RS, 0x10).returnStack());
  }

  private static void refuse(Executable action, String message) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }
}
