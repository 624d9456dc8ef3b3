package dev.crosspatch.sim.run;

import dev.crosspatch.core.asm.Syntax;
import dev.crosspatch.core.code.Elf64;
import dev.crosspatch.core.code.Image;
import dev.crosspatch.core.machine.Isa;
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
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// Guest kernels, assembled once: an image is kept as ELF under a name made from everything that went into it, if the
/// launcher named a cache directory in system property `crosspatch.cache`. A process keeps the ones it used last, too.
/// Assembling costs a second or two, most of it loading the assembler.
public final class Kernels {
  /// Images that this process keeps, and the largest of them.
  private static final int MOST = 16;
  private static final int MOST_BYTES = 1 << 20;
  private static final LinkedHashMap<String, Image> RECENT = new LinkedHashMap<>(MOST, 0.75f, true);

  private Kernels() {}

  /// The kernel for `config`.
  public static Image get(Isa isa, GuestConfig config) {
    String name = name(isa, config);
    synchronized (RECENT) {
      Image image = RECENT.get(name);
      if (image == null) {
        image = get(name, isa, config);
        remember(name, image);
      }
      return image;
    }
  }

  private static void remember(String name, Image image) {
    if (image.sections().stream().mapToLong(s -> s.bytes().length).sum() <= MOST_BYTES) {
      RECENT.put(name, image);
      if (RECENT.size() > MOST) {
        RECENT.pollFirstEntry();
      }
    }
  }

  private static Image get(String name, Isa isa, GuestConfig config) {
    Path kept = keptAs(name);
    if (kept != null && Files.isReadable(kept)) {
      try {
        return Elf64.read(Files.readAllBytes(kept));
      } catch (IOException | IllegalArgumentException e) {
        System.getLogger(Kernels.class.getName())
            .log(System.Logger.Level.DEBUG, "{0}: not usable, assembling again: {1}", kept, e.getMessage());
      }
    }
    Image image = GuestKernel.build(isa, Plugins.assembler(isa, Syntax.MANUAL), config);
    if (kept != null) {
      keep(kept, Elf64.write(image, isa.elfMachine()));
    }
    return image;
  }

  private static @Nullable Path keptAs(String name) {
    String cache = System.getProperty("crosspatch.cache", "");
    return cache.isEmpty() ? null : Path.of(cache, name);
  }

  private static String name(Isa isa, GuestConfig config) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256")
          .digest(GuestKernel.inputs(isa, config).getBytes(StandardCharsets.UTF_8));
      return "kernel-" + HexFormat.of().formatHex(hash, 0, 12) + ".elf";
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
      System.getLogger(Kernels.class.getName())
          .log(System.Logger.Level.DEBUG, "cannot keep the kernel: {0}", e.getMessage());
    }
  }
}
