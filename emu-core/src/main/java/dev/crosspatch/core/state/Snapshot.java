package dev.crosspatch.core.state;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/// The state of an object and of all that it is built of, as a file: magic `CPSNAP01`, then, compressed, the fields of
/// every part in order, each class with its fields once ([Shape]).
///
/// A snapshot is loaded into an object that was made in the same way as the one that was saved, from the same
/// configuration; from there on it is in the same state, bit for bit. State is what lies in fields that are neither
/// static nor `transient`:
///
/// * numbers and flags that are not final, arrays of them;
/// * strings, enum constants, records and the usual collections of all these, where the field is not final or the
///   collection can change;
/// * parts: objects of classes of ours, which both objects have in the same places;
/// * objects that come and go, of classes that are [ByIdentity].
///
/// Whatever else a final field holds is wiring and left alone. `transient` is a field that can be worked out anew (what
/// is decoded, listeners, files).
public final class Snapshot {
  static final byte[] MAGIC = {'C', 'P', 'S', 'N', 'A', 'P', '0', '1'};

  private Snapshot() {}

  /// Instances of the class come and go and are known by identity. A snapshot makes each of them anew, once, by the
  /// constructor that has the class's final fields for parameters, in the order in which they are declared.
  public interface ByIdentity {}

  /// A part has something that is not in its fields: more to save and to load.
  public interface ByHand {
    /// Writes it.
    void save(DataOutputStream out) throws IOException;

    /// Reads it, after the fields have been loaded.
    void load(DataInputStream in) throws IOException;
  }

  /// A snapshot that does not fit: it is none, it is damaged, or it was made of other classes or of another object.
  public static final class Unfit extends IOException {
    private static final long serialVersionUID = 1L;

    Unfit(String message) {
      super(message);
    }

    Unfit(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /// Writes the state of `root`.
  ///
  /// @throws IllegalStateException naming the field, if it has something that is neither state nor wiring
  public static void save(Object root, OutputStream out) throws IOException {
    out.write(MAGIC);
    GZIPOutputStream zip = new GZIPOutputStream(out, 1 << 16);
    DataOutputStream data = new DataOutputStream(zip);
    new StateWriter(data).part(root);
    data.flush();
    zip.finish();
  }

  /// Brings `root` into the state that was saved.
  ///
  /// @throws Unfit if the snapshot is none, or of another object
  public static void load(Object root, InputStream in) throws IOException {
    if (!java.util.Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
      throw new Unfit("not a snapshot");
    }
    try {
      DataInputStream data = new DataInputStream(new GZIPInputStream(in, 1 << 16));
      new StateReader(data).part(root);
      if (data.read() >= 0) {
        throw new Unfit("it has more than belongs there");
      }
    } catch (EOFException | UTFDataFormatException | ZipException e) {
      throw new Unfit("it is damaged or cut off");
    } catch (ClassCastException | IllegalArgumentException | ArrayStoreException | NullPointerException
        | UnsupportedOperationException | IndexOutOfBoundsException | StackOverflowError e) {
      // What a stream holds says which values go where; one that was made by hand may say anything.
      throw new Unfit("it is damaged: what it holds does not belong there", e);
    }
  }
}
