package dev.crosspatch.tracer.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.code.Section;
import dev.crosspatch.tracer.etm.EtmRegisters;
import dev.crosspatch.tracer.etm.Frames;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Form;
import dev.crosspatch.tracer.export.CoreSightSnapshot.Source;
import dev.crosspatch.tracer.flow.RawTrace;
import dev.crosspatch.tracer.unit.EtmUnitRegisters;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small snapshot, file by file. That OpenCSD accepts it is the business of the oracle tests.
class CoreSightSnapshotTest {
  private static final long TEXT = 0xffff_8000_1000_0000L;
  private static final byte[] FIRST = {1, 2, 3};
  private static final byte[] SECOND = {4, 5};

  @TempDir Path dir = Path.of("");

  private static CoreSightSnapshot.Input input(Form form, EtmRegisters first, EtmRegisters second) {
    Image image = new Image(
        List.of(
            new Section(".text", TEXT, new byte[] {0x1f, 0x20, 0x03, (byte) 0xd5}, Section.Access.TEXT),
            new Section(".data", TEXT + 0x1000, new byte[8], Section.Access.DATA),
            new Section(".work", TEXT + 0x2000, new byte[12], Section.Access.TEXT)),
        List.of());
    return new CoreSightSnapshot.Input(image, List.of(new Source(RawTrace.of(FIRST), first),
        new Source(RawTrace.of(SECOND), second)), form);
  }

  private void assertFile(String name, String... lines) throws IOException {
    assertEquals(String.join("\n", lines) + "\n", Files.readString(dir.resolve(name)));
  }

  @Test
  void rawBuffersOfTwoEteSources() throws IOException {
    CoreSightSnapshot.write(dir,
        input(Form.RAW, EtmUnitRegisters.ete(EtmRegisters.CONFIGR_TS, 0x10),
            EtmUnitRegisters.ete(EtmRegisters.CONFIGR_TS, 0x11)));
    assertFile("snapshot.ini", "[snapshot]", "version=1.0", "", "[device_list]", "device0=cpu_0.ini",
        "device1=etm_0.ini", "device2=cpu_1.ini",
        "device3=etm_1.ini", "", "[trace]", "metadata=trace.ini");
    assertFile("cpu_1.ini", "[device]", "name=cpu_1", "class=core", "type=ARM-AA64", "", "[regs]", "",
        "[dump1]", "file=text_0.bin", "address=0xffff800010000000", "length=0x4", "",
        "[dump2]", "file=text_1.bin", "address=0xffff800010002000", "length=0xc");
    assertFile("etm_1.ini", "[device]", "name=ETM_1", "class=trace_source", "type=ETE", "", "[regs]",
        "TRCCONFIGR=0x00000801", "TRCTRACEIDR=0x00000011",
        "TRCIDR0=0x28000ea1", "TRCIDR1=0x4100fff0", "TRCIDR2=0x10001088", "TRCIDR8=0x00000000",
        "TRCDEVARCH=0x47705a13");
    assertFile("trace.ini", "[trace_buffers]", "buffers=buffer0,buffer1", "", "[buffer0]", "name=BUF_0",
        "file=trace_0.bin", "format=source_data", "",
        "[buffer1]", "name=BUF_1", "file=trace_1.bin", "format=source_data", "", "[source_buffers]", "ETM_0=BUF_0",
        "ETM_1=BUF_1", "",
        "[core_trace_sources]", "cpu_0=ETM_0", "cpu_1=ETM_1");
    assertArrayEquals(SECOND, Files.readAllBytes(dir.resolve("trace_1.bin")));
    assertEquals(12, Files.size(dir.resolve("text_1.bin")));
  }

  @Test
  void framesOfTwoEtmSources() throws IOException {
    CoreSightSnapshot.write(dir, input(Form.FRAMED, EtmUnitRegisters.etmv4(0, 0x20), EtmUnitRegisters.etmv4(0, 0x21)));
    assertFile("trace.ini", "[trace_buffers]", "buffers=buffer0", "", "[buffer0]", "name=BUF_0", "file=trace.bin",
        "format=coresight", "",
        "[source_buffers]", "ETM_0=BUF_0", "ETM_1=BUF_0", "", "[core_trace_sources]", "cpu_0=ETM_0", "cpu_1=ETM_1");
    assertFile("etm_0.ini", "[device]", "name=ETM_0", "class=trace_source", "type=ETM4.5", "", "[regs]",
        "TRCCONFIGR=0x00000001", "TRCTRACEIDR=0x00000020",
        "TRCIDR0=0x28000ea1", "TRCIDR1=0x4100f450", "TRCIDR2=0x10001088", "TRCIDR8=0x00000000");
    List<Frames.Segment> segments = Frames.deformat(Files.readAllBytes(dir.resolve("trace.bin")));
    assertEquals("[32 [1, 2, 3], 33 [4, 5]]",
        segments.stream().map(s -> s.traceId() + " " + Arrays.toString(s.bytes())).toList().toString());
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Files.createFile(dir.resolve("trace.ini"));
    assertThrows(FileAlreadyExistsException.class,
        () -> CoreSightSnapshot.write(dir,
            input(Form.FRAMED, EtmUnitRegisters.etmv4(0, 0x20), EtmUnitRegisters.etmv4(0, 0x21))));
    try (Stream<Path> files = Files.list(dir)) {
      assertEquals(0, Files.size(dir.resolve("trace.ini")), files.toList()::toString);
    }
  }
}
