package dev.crosspatch.sim.run;

import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.image.Elf64;
import dev.crosspatch.core.image.Image;
import dev.crosspatch.core.isa.Isa;
import dev.crosspatch.sim.Plugins;
import dev.crosspatch.sim.guest.GuestConfig;
import dev.crosspatch.sim.guest.GuestKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Guest kernels, assembled once: an image is kept as ELF under a name made from everything that went into it, if the launcher named a cache directory
/// in system property `crosspatch.cache`. Assembling costs a second or two, most of it loading the assembler.
public final class Kernels {
  private Kernels() {}

  /// The kernel for `config`.
  public static Image get(Isa isa, GuestConfig config) {
    Path kept = keptAs(isa, config);
    if (kept != null && Files.isReadable(kept)) {
      try {
        return Elf64.read(Files.readAllBytes(kept));
      } catch (IOException | IllegalArgumentException e) {
        System.getLogger(Kernels.class.getName()).log(System.Logger.Level.DEBUG, "{0}: not usable, assembling again: {1}", kept, e.getMessage());
      }
    }
    Image image = GuestKernel.build(isa, Plugins.assembler(isa, Syntax.MANUAL), config);
    if (kept != null) {
      keep(kept, Elf64.write(image, isa.elfMachine()));
    }
    return image;
  }

  private static @Nullable Path keptAs(Isa isa, GuestConfig config) {
    String cache = System.getProperty("crosspatch.cache", "");
    if (cache.isEmpty()) {
      return null;
    }
    String inputs = GuestKernel.inputs(isa, config);
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(inputs.getBytes(StandardCharsets.UTF_8));
      return Path.of(cache, "kernel-" + HexFormat.of().formatHex(hash, 0, 12) + ".elf");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void keep(Path path, byte[] elf) {
    try {
      Files.createDirectories(path.getParent());
      Path partial = Files.createTempFile(path.getParent(), "kernel-", ".partial");
      try {
        Files.write(partial, elf);
        Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      System.getLogger(Kernels.class.getName()).log(System.Logger.Level.DEBUG, "cannot keep the kernel: {0}", e.getMessage());
    }
  }
}
