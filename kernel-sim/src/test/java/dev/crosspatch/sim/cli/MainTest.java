package dev.crosspatch.sim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// The command line as a user meets it: whatever is wrong with the input is one line and exit status 2, and nothing is
/// left behind.
class MainTest {
  private static final String GOOD =
      """
      isa: x86-64
      cpus: 2
      protocol: int3-batch
      sites: [{count: 3}]
      flips: {total: 3, interval: 100}
      trace: {protocol: pt}
      """;

  @TempDir static Path dir = Path.of("");

  private static Said say(String... args) {
    return Said.of(dir, args);
  }

  private static Set<String> names() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(p -> p.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static void assertRefused(String message, String... args) throws IOException {
    Set<String> before = names();
    Said said = say(args);
    boolean open = message.endsWith("*");
    String expected = "crosspatch: " + (open ? message.substring(0, message.length() - 1) : message + "\n");
    assertEquals(expected, open ? said.err.substring(0, Math.min(said.err.length(), expected.length())) : said.err);
    assertEquals(1, said.err.lines().count(), said.err);
    assertEquals(2, said.status);
    assertEquals(before, names(), "something was left behind");
  }

  @BeforeAll
  static void runs() throws IOException {
    Files.writeString(dir.resolve("good.yaml"), GOOD);
    Said said = say("run", "DIR/good.yaml", "--out", "DIR/good");
    assertEquals(0, said.status, said.err);
    assertTrue(said.out.contains("verdict: PASS (as expected)"), said.out);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "bogus                        | Unmatched argument at index 0: 'bogus'; see 'crosspatch --help'",
      "run                          | Missing required parameter: 'SCENARIO.yaml'; see 'crosspatch run --help'",
      "run --bogus x                | Unknown option: '--bogus'; see 'crosspatch run --help'",
      "run DIR/good.yaml --save-at 5 | --save-at CYCLE and --snapshot FILE belong together",
      "run DIR/good.yaml --save-at 0 --snapshot DIR/s | --save-at: 0 is not within 1..9223372036854775807",
      "run DIR/good.yaml DIR/good.yaml --from DIR/s | --save-at, --from, --choices and --force are for one run "
          + "at a time",
      "run DIR/good.yaml -o DIR/o --from DIR/none | DIR/none: cannot be read: it is not there",
      "run DIR/good.yaml -o DIR/o --from DIR/good.yaml | DIR/good.yaml: not a snapshot of a run",
      "run DIR/good.yaml -o DIR/o --save-at 999999999 --snapshot DIR/s | no snapshot can be kept at cycle 999999999: "
          + "the run ends at cycle *",
      "run DIR/good.yaml -o DIR/o --force 99999999=0 | --force: there is no decision 99999999: this run had *",
      "run DIR/good.yaml -o DIR/o --force 0=7 | --force: decision 0 (turn of CPU 0) has options 0..1, not 7",
      "run DIR/good.yaml -o DIR/o --choices DIR/none/x | DIR/none/x: cannot be written: there is no directory DIR/none",
      "run DIR/good.yaml --seed x   | Invalid value for option '--seed': 'x' is not a whole number of at most 63 bits, "
          + "decimal without a leading 0 or hexadecimal with 0x; see 'crosspatch run --help'",
      "run DIR/good.yaml --seed 99999999999999999999 | Invalid value for option '--seed': '99999999999999999999' is "
          + "not a whole number of at most 63 bits, decimal without a leading 0 or hexadecimal with 0x; see "
              + "'crosspatch run --help'",
      "run DIR/good.yaml --seed 010 | Invalid value for option '--seed': '010' is not a whole number of at most 63 "
          + "bits, decimal without a leading 0 or hexadecimal with 0x; see 'crosspatch run --help'",
      "run DIR/good.yaml --seed=    | Invalid value for option '--seed': '' is not a whole number of at most 63 bits, "
          + "decimal without a leading 0 or hexadecimal with 0x; see 'crosspatch run --help'",
      "run DIR/good.yaml --seed 0x8000000000000000 | Invalid value for option '--seed': '0x8000000000000000' is not a "
          + "whole number of at most 63 bits, decimal without a leading 0 or hexadecimal with 0x; see 'crosspatch run "
              + "--help'",
      "run DIR                      | DIR: cannot be read: it is a directory; is it a scenario file? ('crosspatch "
          + "scenarios' lists those that ship)",
      "run DIR/good.yaml DIR/good.yaml -o DIR/x | DIR/good.yaml: a second scenario of the name good; their outputs "
          + "would be in one place",
      "run DIR/good.yaml --out=     | '': cannot be an output directory, for this process works in it; name another",
      "run DIR/good.yaml -o DIR/x -o DIR/y | option '--out' (DIR) should be specified only once; see 'crosspatch run "
          + "--help'",
      "run DIR/good.yaml -o         | Missing required parameter for option '--out' (DIR); see 'crosspatch run --help'",
      "verify                       | Missing required parameter: 'DIR'; see 'crosspatch verify --help'",
      "decode DIR/good --option fifo_bytes=0 | --option: pt has no option 'fifo_bytes'; it has timeless, tsc, mtc, "
          + "mtc_period, cyc, cyc_threshold, ret_compression, ctc_numerator, ctc_denominator, cbr, timer_mhz, "
          + "frequency_mhz",
      "decode DIR/good --cpu x      | Invalid value for option '--cpu': 'x' is not an int; see 'crosspatch decode "
          + "--help'",
      "packets DIR/x.pt --option a=b | Invalid value for option '--option' (KEY=VALUE): 'b' is not a whole number of "
          + "at most 63 bits, decimal without a leading 0 or hexadecimal with 0x; see 'crosspatch packets --help'",
      "export foo DIR/good -o DIR/x | no export format is called 'foo'; there are: coresight, perf, perfetto",
      "asm nop                      | Missing required option: '--isa=NAME'; see 'crosspatch asm --help'",
      "disasm --isa x86-64          | HEX is missing; see --help",
      "run DIR/good.yaml --seed -1  | --seed: -1 is not within 0..9223372036854775807",
      "run DIR/good.yaml -o DIR/good.yaml | DIR/good.yaml: exists and is no directory; choose another name",
      "run DIR/good.yaml -o DIR/good.yaml/x | DIR/good.yaml/x: cannot create the output directory: DIR/good.yaml "
          + "exists and is no directory",
      "run DIR/good.yaml -o /proc/x | /proc/x: cannot create the output directory: /proc/.x.partial-PID is not there",
      "run DIR/good.yaml DIR/none.yaml -o DIR/x | DIR/none.yaml: cannot be read: it is not there; is it a scenario "
          + "file? ('crosspatch scenarios' lists those that ship)",
      "run DIR/good.yaml DIR/good/../good.yaml -o DIR/x | DIR/good/../good.yaml: a second scenario of the name good; "
          + "their outputs would be in one place",
      "verify DIR                   | DIR: not the output of a run (it has no readable summary.json)",
      "decode DIR/good --cpu 2      | --cpu: 2 is not within 0..1",
      "packets DIR/good.yaml        | DIR/good.yaml: its suffix is neither .pt nor .etm; name the protocol with "
          + "--protocol",
      "packets DIR/none.pt          | DIR/none.pt: cannot be read: it is not there",
      "export coresight DIR/good -o DIR/x | DIR/good: its trace protocol is pt, but coresight holds etm, ete",
      "export perf DIR/good -o DIR/good | DIR/good: exists and is not empty; choose another directory or remove it",
      "asm --isa z80 nop            | no ISA is called 'z80'; there are: aarch64, x86-64",
      "asm --isa x86-64 DIR/none.s -o DIR/x | DIR/none.s: cannot be read: it is not there",
      "disasm --isa x86-64 9        | HEX: '9' is not an even number of hexadecimal digits",
      "disasm --isa x86-64 0x6 0x9  | HEX: '0x6 0x9' is not an even number of hexadecimal digits",
      "disasm --isa x86-64 90,xy    | HEX: '90,xy' is not an even number of hexadecimal digits",
      "disasm --isa x86-64 ,        | HEX: no bytes",
      "disasm --isa x86-64 90 --address 0xg | --address: '0xg' is not a hexadecimal number",
      "disasm --isa aarch64 00000000 --address 3 | --address: 3 is not a multiple of 4, where instructions of aarch64 "
          + "stand",
      "scenarios DIR/none           | DIR/none: not a directory of scenarios"
  })
  void mistakesAreOneLine(String args, String message) throws IOException {
    String expected = message.replace("PID", String.valueOf(ProcessHandle.current().pid()));
    Said said = say(args.split(" "));
    if (said.err.contains("holds ete, etm")) { // a set has no order
      expected = expected.replace("etm, ete", "ete, etm");
    }
    assertRefused(expected, args.split(" "));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "6690 | 6690", "66 90 | 6690", "0x66,0x90 | 6690", "'\\x66\\x90' | 6690", "0X6690 | 6690"
  })
  void disassemblesHexAsItIsWritten(String hex, String shown) {
    Said said = say("disasm", "--isa", "x86-64", "--address", "0x1000", hex);
    assertEquals(0, said.status, said.err);
    assertEquals(String.format("%16x  %-30s  nop%n", 0x1000, shown), said.out);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "cpus: 2  | cpus: -2                     | 2: cpus: -2 is not within 1..64",
      "cpus: 2  | cpus: 99999999999999999999   | 2: cpus: 99999999999999999999 is not within 1..64",
      "cpus: 2  | ram-mib: 2                   | 2: ram-mib: 2 is not within ",
      "total: 3 | total: 0                     | 5: flips.total: 0 flips for as long as there is work, which never "
          + "ends: give 'iterations' a number, or flips 1 or more",
      "total: 3 | totl: 3                      | 5: flips.totl: unknown key; known here: total, interval",
      "count: 3 | 'count: 4096, place: page 0' | 4: sites: no kernel can be built with them: section .text ends at 0x"
  })
  void mistakesInAScenarioNameItsLine(String good, String bad, String message) throws IOException {
    Files.writeString(dir.resolve("bad.yaml"), GOOD.replace(good, bad));
    Set<String> before = names();
    Said said = say("run", "DIR/bad.yaml", "--out", "DIR/out");
    assertTrue(said.err.startsWith("crosspatch: DIR/bad.yaml:" + message), said.err);
    assertEquals(1, said.err.lines().count(), said.err);
    assertEquals(2, said.status);
    assertEquals(before, names(), "something was left behind");
  }

  /// Each row breaks one file of a finished directory: what it is replaced by ("cut": its first half and a byte that
  /// nothing may end with).
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "summary.json       | ''      | DIR/good/summary.json:1: empty; not an object {...}; this is not the summary of "
          + "a run",
      "summary.json       | [1]     | DIR/good/summary.json:1: not an object {...}; this is not the summary of a run",
      "summary.json       | {\"a    | DIR/good/summary.json:1: not JSON: Unexpected end-of-input in field name; this "
          + "is not the summary of a run",
      "summary.json       | {\"a\":tru} | DIR/good/summary.json:1: not JSON: Unrecognized token 'tru'; this is not the "
          + "summary of a run",
      "summary.json       | {\"a\":[1}  | DIR/good/summary.json:1: not JSON: Unexpected close marker '}': expected "
          + "']'; this is not the summary of a run",
      "summary.json       | {\"a\":1,\"a\":2} | DIR/good/summary.json:1: a: the key stands twice; this is not the "
          + "summary of a run",
      "summary.json       | {} {} | DIR/good/summary.json:1: not JSON: something follows the object; this is not the "
          + "summary of a run",
      "summary.json       | {}      | DIR/good/summary.json:1: config.isa: missing",
      "summary.json       | {\"config\":{\"isa\":\"z80\"}} | DIR/good/summary.json:1: config.isa: no ISA is called "
          + "'z80'; there are: aarch64, x86-64",
      "pokes.jsonl        | garbage | DIR/good: pokes.jsonl:1: not a line of JSON",
      "truth/cpu1.log     | garbage | DIR/good/truth/cpu1.log: not a truth log (it does not start with CPTRUTH2)",
      "truth/cpu1.log     | cut     | DIR/good/truth/cpu1.log: byte 0xHEX: the log ends within a number",
      "truth/stores.log   | garbage | DIR/good/truth/stores.log: not a log of text stores, or cut off",
      "truth/text.log     | garbage | DIR/good/truth/text.log: not a log of text versions, or cut off",
      "truth/stale.jsonl  | {\"address\":\"z\"} | DIR/good/truth/stale.jsonl:1: not a record of a stale execution: "
          + "record:1: address: 'z' is not 0x...",
      "image/vmlinux      | garbage | DIR/good/image/vmlinux: not a little-endian ELF64 file: byte 0 is not as it "
          + "should be"
  })
  void brokenFilesAreNamed(String file, String content, String message) throws IOException {
    Path path = dir.resolve("good").resolve(file);
    byte[] whole = Files.readAllBytes(path);
    byte[] cut = Arrays.copyOf(whole, whole.length / 2);
    cut[cut.length - 1] = (byte) 0xff;
    byte[] summary = Files.readAllBytes(dir.resolve("good/summary.json"));
    Files.write(path, content.equals("cut") ? cut : content.getBytes(StandardCharsets.UTF_8));
    if (!file.equals("summary.json")) {
      assertRefused("DIR/good/" + file + ": changed since the run: it has " + Files.size(path) + " bytes, the run left "
          + whole.length, "verify", "DIR/good");
      Reseal.directory(dir.resolve("good"));
    }
    try {
      assertRefused(message.replace("HEX", Integer.toHexString(cut.length)), "verify", "DIR/good");
    } finally {
      Files.write(dir.resolve("good/summary.json"), summary);
      Files.write(path, whole);
    }
  }

  @Test
  void aTraceThatIsCutOffFailsAndSaysWhere() throws IOException {
    Path trace = dir.resolve("good/trace/cpu1.pt");
    byte[] whole = Files.readAllBytes(trace);
    byte[] summary = Files.readAllBytes(dir.resolve("good/summary.json"));
    Files.write(trace, Arrays.copyOf(whole, whole.length / 2));
    Reseal.directory(dir.resolve("good"));
    try {
      Said said = say("verify", "DIR/good");
      assertEquals(1, said.status);
      assertTrue(said.out.contains("decoded nothing, the decoded flow ends there"), said.out);
      assertTrue(said.out.contains("the stored verdict is pass, the files say fail\n"), said.out);
      assertTrue(said.out.endsWith("verdict: FAIL (expected PASS)\n"), said.out);
    } finally {
      Files.write(dir.resolve("good/summary.json"), summary);
      Files.write(trace, whole);
    }
  }

  @Test
  void packetsGoesOnBehindABadByteAndSaysSo() throws IOException {
    byte[] whole = Files.readAllBytes(dir.resolve("good/trace/cpu1.pt"));
    Files.write(dir.resolve("whole.pt"), whole);
    Said good = say("packets", "DIR/whole.pt");
    assertEquals(0, good.status);
    assertTrue(good.out.lines().count() > 100, good.out);
    Files.write(dir.resolve("cut.pt"), Arrays.copyOf(whole, 1000));
    assertEquals(0, say("packets", "DIR/cut.pt").status);
    byte[] bad = whole.clone();
    bad[400] = 0x04; // 04 04: MODE.Leaf is no such packet
    bad[16] = 0x02;
    bad[17] = (byte) 0xff;
    Files.write(dir.resolve("bad.pt"), bad);
    Said said = say("packets", "DIR/bad.pt");
    assertEquals(1, said.status);
    assertTrue(said.out.contains("skipped ") && said.out.contains(" bytes, 0x10.."), said.out);
  }

  /// A VMID has one byte where TRCIDR2.VMIDSIZE is 1, four in our trace unit.
  @Test
  void packetsOfAnotherTraceUnitNeedItsRegisters() throws IOException {
    Files.write(dir.resolve("foreign.etm"),
        new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80, 1, 0, (byte) 0x81, 0x51, 7});
    String others = "packets --option trcconfigr=0x81 --option trcidr0=0x28000ea1 --option trcidr1=0x4100f450 "
        + "--option trcidr8=0 DIR/foreign.etm --option ";
    assertTrue(say((others + "trcidr2=0x480").split(" ")).out.endsWith("VMID 0x7\n"));
    assertTrue(say((others + "trcidr2=0x1088").split(" ")).out.endsWith("ends after 3 bytes, Context goes on\n"));
    assertRefused("--option: etm option trcidr2: 4294967296 is not within 0..4294967295",
        (others + "trcidr2=0x100000000").split(" "));
    assertRefused("--option: etm option trcconfigr: missing; a trace is read by the registers of the unit that made it",
        "packets", "DIR/foreign.etm");
    assertRefused("--option: etm has no option 'cci'; it has trcconfigr, trctraceidr, trcidr0, trcidr1, trcidr2, "
        + "trcidr8, timer_mhz, frequency_mhz", (others + "trcidr2=0x480 --option cci=0").split(" "));
  }

  @Test
  void decodeTellsTimePlaceAndInstruction() {
    Said plain = say("decode", "DIR/good", "--plain");
    Said full = say("decode", "DIR/good");
    assertEquals(0, plain.status);
    assertEquals(0, full.status, full.err);
    List<String> addresses = plain.out.lines().filter(line -> !line.startsWith("!")).toList();
    List<String[]> lines = full.out.lines().filter(line -> !line.startsWith("!") && !line.startsWith("# stopped"))
        .map(line -> line.strip().split(" +", 4)).toList();
    assertEquals(addresses, lines.stream().map(line -> line[1]).toList());
    assertEquals("start", lines.getFirst()[2]);
    assertTrue(lines.stream().anyMatch(line -> line[2].startsWith("site_") && line[3].startsWith("nop")),
        "a site that is off");
    assertTrue(lines.stream().anyMatch(line -> line[2].startsWith("site_") && line[3].startsWith("jmp")),
        "a site that is on");
    List<Long> times = lines.stream().filter(line -> !line[0].equals("-"))
        .map(line -> Long.parseLong(line[0])).toList();
    assertEquals(times.stream().sorted().toList(), times);
  }

  @Test
  void decodeSaysThatThereWasAProblem() throws IOException {
    Path trace = dir.resolve("good/trace/cpu1.pt");
    byte[] whole = Files.readAllBytes(trace);
    byte[] bad = whole.clone();
    bad[whole.length / 2] ^= 0x55;
    Files.write(trace, bad);
    try {
      for (String[] form : List.of(new String[] {"decode", "DIR/good", "--cpu=1"},
          new String[] {"decode", "DIR/good", "--cpu=1", "--plain"})) {
        Said said = say(form);
        assertEquals(1, said.status, said.err);
        assertTrue(said.out.contains("\n# "), "a problem");
      }
    } finally {
      Files.write(trace, whole);
    }
  }

  @Test
  void anEarlierOutputIsReplaced() throws IOException {
    Files.writeString(dir.resolve("more.yaml"), GOOD.replace("cpus: 2", "cpus: 3").replace("total: 3", "total: 12"));
    assertEquals(0, say("run", "DIR/more.yaml", "--out", "DIR/replaced").status);
    assertTrue(Files.exists(dir.resolve("replaced/truth/cpu2.log")));
    assertEquals(0, say("run", "DIR/good.yaml", "--out", "DIR/replaced").status);
    assertTrue(Files.notExists(dir.resolve("replaced/truth/cpu2.log")));
    assertEquals(0, say("verify", "DIR/replaced").status);
  }

  /// The second fails: its kernel does not report its pokes.
  @Test
  void severalScenariosRunOneAfterTheOther() throws IOException {
    Files.writeString(dir.resolve("other.yaml"), GOOD + "leave-out: [report]\n");
    Said said = say("run", "DIR/good.yaml", "DIR/other.yaml", "--out", "DIR/both");
    assertEquals(1, said.status, said.err);
    assertTrue(said.out.contains("verdict: PASS (as expected); output in DIR/both/good"), said.out);
    assertTrue(said.out.contains("verdict: FAIL (expected PASS); output in DIR/both/other"), said.out);
    assertEquals(0, say("verify", "DIR/both/good").status);
    assertEquals(1, say("verify", "DIR/both/other").status);
  }

  /// Whatever nobody has thought of.
  @Test
  void whatIsUncaughtIsAnInternalError() {
    CommandLine line = new CommandLine(new Main());
    StringWriter said = new StringWriter();
    line.setErr(new PrintWriter(said, true));
    assertEquals(3,
        Main.complain(line, new IllegalStateException("assembler failed", new OutOfMemoryError("Java heap space"))));
    assertTrue(said.toString().matches("crosspatch: out of memory: \\d+ MiB of heap are not enough for this\n"),
        said.toString());
    for (Throwable e : List.of(new StackOverflowError(), new IllegalStateException("a\nb"),
        new ArrayIndexOutOfBoundsException(7), new AssertionError())) {
      said.getBuffer().setLength(0);
      assertEquals(3, Main.complain(line, e));
      assertTrue(said.toString().startsWith("crosspatch: internal error: " + e.getClass().getName()), said.toString());
    }
  }

  @Test
  void everyCommandHelps() {
    for (String command : List.of("run", "verify", "decode", "packets", "export", "asm", "disasm", "scenarios")) {
      Said said = say(command, "--help");
      assertEquals(0, said.status, command);
      assertTrue(said.out.startsWith("Usage: crosspatch " + command), said.out);
    }
    assertTrue(say("generate-completion").out.contains("crosspatch"));
  }
}
