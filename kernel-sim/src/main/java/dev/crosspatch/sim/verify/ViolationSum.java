package dev.crosspatch.sim.verify;

import dev.crosspatch.core.code.Image;
import dev.crosspatch.sim.run.FileSums;
import dev.crosspatch.sim.run.RunFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;

/// The checksum that `violations.jsonl` has if these are the violations.
public final class ViolationSum implements Consumer<Violation>, AutoCloseable {
  private final MessageDigest digest;
  private final ViolationLog log;

  /// @param image of the run
  public ViolationSum(Image image) {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    log = new ViolationLog(new DigestOutputStream(OutputStream.nullOutputStream(), digest), image);
  }

  @Override
  public void accept(Violation violation) {
    log.accept(violation);
  }

  /// No more will come.
  @Override
  public void close() throws IOException {
    log.close();
  }

  /// Whether the file is what it must be; to be asked once, behind [#close].
  boolean agrees(FileSums files) {
    FileSums.Sum stored = files.files().get(RunFiles.VIOLATIONS);
    return stored != null && stored.sha256().equals(HexFormat.of().formatHex(digest.digest()));
  }
}
