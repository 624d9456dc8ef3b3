package dev.crosspatch.asm;

import dev.crosspatch.core.asm.Assembler;
import dev.crosspatch.core.asm.AssemblerProvider;
import dev.crosspatch.core.asm.InstructionLength;
import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Disassembler;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Offers Keystone and Capstone for `x86-64` and `aarch64`.
///
/// If system property `crosspatch.cache` names a directory, instruction encodings are kept there, so that the next
/// process can do without starting Keystone for what has been assembled before.
public final class KeystoneProvider implements AssemblerProvider {
  private static final int CS_ARCH_ARM64 = 1;
  private static final int CS_ARCH_X86 = 3;
  private static final int CS_MODE_LITTLE_ENDIAN = 0;
  private static final int CS_MODE_64 = 8;

  @Override
  public boolean supports(String isa) {
    return isa.equals("x86-64") || isa.equals("aarch64");
  }

  @Override
  public Assembler assembler(String isa, Syntax syntax) {
    return assembler(isa, syntax, (code, offset, available) -> available);
  }

  @Override
  public Assembler assembler(String isa, Syntax syntax, InstructionLength decoder) {
    return new GasAssembler(dialect(isa), syntax, decoder);
  }

  private static Dialect dialect(String isa) {
    return switch (isa) {
      case "x86-64" -> new X86(encoder(isa, KeystoneTarget.X86_64));
      case "aarch64" -> new A64(encoder(isa, KeystoneTarget.AARCH64));
      default -> throw unknown(isa);
    };
  }

  private static Encoder encoder(String isa, KeystoneTarget target) {
    return new KeystoneEncoder(target, new KeystoneWorker(target.arch, target.mode), encodingFile(isa));
  }

  private static @Nullable EncodingFile encodingFile(String isa) {
    String directory = System.getProperty("crosspatch.cache");
    return directory == null
        ? null
        : new EncodingFile(Path.of(directory, isa + ".encodings"),
            "crosspatch encodings 1 " + isa + " " + Keystone.VERSION);
  }

  @Override
  public Disassembler disassembler(String isa) {
    return switch (isa) {
      case "x86-64" -> new Capstone(CS_ARCH_X86, CS_MODE_64);
      case "aarch64" -> new A64Disassembler(new Capstone(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN));
      default -> throw unknown(isa);
    };
  }

  private static IllegalArgumentException unknown(String isa) {
    return new IllegalArgumentException("no assembler for ISA '" + isa + "'; there are x86-64 and aarch64");
  }
}
