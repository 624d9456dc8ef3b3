package dev.crosspatch.sim.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// System calls about files.
final class FileCalls {
  private static final int AT_FDCWD = -100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_STATX_SYNC_TYPE = 0x6000;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;
  private static final int FIONREAD = 0x541b;
  private static final int FIONBIO = 0x5421;
  /// What F_SETFL changes.
  private static final int CHANGEABLE = O_APPEND | OpenFile.O_NONBLOCK;
  private static final int WRITE_ACCESS = 2;

  private final UserProcess process;
  private final FileTable files;
  private final Root root;
  private final boolean hasRoot;
  private final String executable;
  private final long directory;
  private final long nofollow;
  private Path here;
  private int umask = 022;

  FileCalls(UserProcess process, FileTable files, Root root, String executable) {
    this.process = process;
    this.files = files;
    this.root = root;
    this.executable = executable;
    hasRoot = root.exists();
    here = hasRoot ? root.top() : Path.of("/");
    directory = process.abi.flag("directory");
    nofollow = process.abi.flag("nofollow");
  }

  void addTo(Map<String, Call> table) {
    table.put("openat", (_, a) -> open(a[0], a[1], a[2], a[3]));
    table.put("open", (_, a) -> open(AT_FDCWD, a[0], a[1], a[2]));
    table.put("creat", (_, a) -> open(AT_FDCWD, a[0], O_CREAT | O_TRUNC | 1, a[1]));
    table.put("close", this::close);
    table.put("lseek", (_, a) -> files.get(a[0]).seek(a[1], (int) a[2]));
    table.put("fstat", (_, a) -> stat(files.get(a[0]).stat(), a[1]));
    table.put("newfstatat", this::newfstatat);
    table.put("stat", (_, a) -> stat(attributes(AT_FDCWD, a[0], true), a[1]));
    table.put("lstat", (_, a) -> stat(attributes(AT_FDCWD, a[0], false), a[1]));
    table.put("ioctl", this::ioctl);
    table.put("dup", (_, a) -> files.add(files.get(a[0]), 0));
    table.put("dup2", (_, a) -> a[0] == a[1] ? valid(a[0]) : dup(a[0], a[1], 0));
    table.put("dup3", (_, a) -> a[0] == a[1] || (a[2] & ~FileTable.O_CLOEXEC) != 0 ? -Errno.EINVAL
        : dup(a[0], a[1], a[2]));
    table.put("fcntl", this::fcntl);
    table.put("readlinkat", (_, a) -> readlink(a[0], a[1], a[2], a[3]));
    table.put("readlink", (_, a) -> readlink(AT_FDCWD, a[0], a[1], a[2]));
    table.put("getdents64", this::getdents);
    table.put("getcwd", this::getcwd);
    table.put("chdir", this::chdir);
    table.put("fchdir", this::fchdir);
    table.put("faccessat", (_, a) -> access(a[0], a[1], a[2]));
    table.put("faccessat2", (_, a) -> access(a[0], a[1], a[2]));
    table.put("access", (_, a) -> access(AT_FDCWD, a[0], a[1]));
    table.put("ftruncate", this::ftruncate);
    table.put("fsync", (_, a) -> valid(a[0]) - a[0]);
    table.put("fdatasync", (_, a) -> valid(a[0]) - a[0]);
    table.put("fadvise64", (_, _) -> 0);
    table.put("umask", this::umask);
    table.put("unlinkat", (_, a) -> unlink(a[0], a[1], a[2]));
    table.put("unlink", (_, a) -> unlink(AT_FDCWD, a[0], 0));
    table.put("rmdir", (_, a) -> unlink(AT_FDCWD, a[0], AT_REMOVEDIR));
    table.put("mkdirat", (_, a) -> mkdir(a[0], a[1]));
    table.put("mkdir", (_, a) -> mkdir(AT_FDCWD, a[0]));
    table.put("renameat", (_, a) -> rename(a[0], a[1], a[2], a[3]));
    table.put("renameat2", (_, a) -> a[4] != 0 ? -Errno.EINVAL : rename(a[0], a[1], a[2], a[3]));
    table.put("rename", (_, a) -> rename(AT_FDCWD, a[0], AT_FDCWD, a[1]));
    table.put("fchmodat", (_, a) -> chmod(a[0], a[1], a[2]));
    table.put("chmod", (_, a) -> chmod(AT_FDCWD, a[0], a[1]));
    table.put("socket", (_, _) -> -Errno.EAFNOSUPPORT);
    table.put("getpeername", (_, a) -> valid(a[0]) < 0 ? 0 : -Errno.ENOTSOCK);
  }

  // ---- paths

  private Path base(long descriptor) {
    if ((int) descriptor == AT_FDCWD) {
      return here;
    }
    if (files.get(descriptor) instanceof HostDirectory open) {
      return open.path;
    }
    throw new Errno(Errno.ENOTDIR);
  }

  private Path find(long descriptor, String path, boolean follow) throws IOException {
    if (path.isEmpty()) {
      throw new Errno(Errno.ENOENT); // before the descriptor is looked at
    }
    boolean isDirectory = path.endsWith("/") || path.endsWith("/.");
    Path found = root.find(path.startsWith("/") ? root.top() : base(descriptor), path, follow || isDirectory);
    if (isDirectory && Files.exists(found, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS)) {
      throw new Errno(Errno.ENOTDIR);
    }
    return found;
  }

  private long open(long descriptor, long name, long flags, long mode) throws IOException {
    String path = process.string(name);
    OpenFile file = DeviceFile.of(path, (int) flags, process.random);
    if (file == null) {
      file = open(find(descriptor, path, (flags & nofollow) == 0), (int) flags, (int) mode);
    }
    int number = files.add(file, 0);
    files.setCloseOnExec(number, (flags & FileTable.O_CLOEXEC) != 0);
    return number;
  }

  private OpenFile open(Path path, int flags, int mode) throws IOException {
    boolean there = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    boolean changes = (flags & 3) != 0 || (flags & O_TRUNC) != 0 || ((flags & O_CREAT) != 0 && !there);
    if (changes && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      root.checkWritable();
    }
    if (there && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
      throw new Errno(Errno.EEXIST);
    }
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      if (changes) {
        throw new Errno(Errno.EISDIR);
      }
      return new HostDirectory(path, flags);
    }
    if ((flags & directory) != 0) {
      throw new Errno(there ? Errno.ENOTDIR : Errno.ENOENT);
    }
    if (there && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new Errno(Files.isSymbolicLink(path) ? Errno.ELOOP : Errno.EACCES);
    }
    Set<OpenOption> options = new HashSet<>(Set.of(LinkOption.NOFOLLOW_LINKS));
    if ((flags & 3) != 1) {
      options.add(StandardOpenOption.READ);
    }
    if ((flags & 3) != 0) {
      options.add(StandardOpenOption.WRITE);
    }
    if ((flags & O_TRUNC) != 0) {
      options.add(StandardOpenOption.TRUNCATE_EXISTING);
    }
    if ((flags & O_CREAT) != 0) {
      options.add(StandardOpenOption.CREATE);
      options.add(StandardOpenOption.WRITE);
    }
    FileChannel channel = FileChannel.open(path, options);
    if (!there) {
      Files.setPosixFilePermissions(path, permissions(mode & ~umask));
    }
    return new HostFile(channel, path, flags);
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] order = {
      PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
      PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
      PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
    };
    for (int i = 0; i < order.length; i++) {
      if ((mode >> i & 1) != 0) {
        all.add(order[i]);
      }
    }
    return all;
  }

  private long close(Task task, long[] a) throws IOException {
    files.close(a[0]);
    return 0;
  }

  private long stat(Map<String, Long> fields, long to) {
    process.write(to, process.abi.stat(fields));
    return 0;
  }

  private Map<String, Long> attributes(long descriptor, long name, boolean follow) throws IOException {
    String path = process.string(name);
    OpenFile device = DeviceFile.of(path, 0, process.random);
    return device != null ? device.stat() : HostFile.stat(find(descriptor, path, follow));
  }

  private long newfstatat(Task task, long[] a) throws IOException {
    if ((a[3] & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) != 0) {
      throw new Errno(Errno.EINVAL);
    }
    boolean empty = (a[3] & AT_EMPTY_PATH) != 0 && process.string(a[1]).isEmpty();
    if (empty && (int) a[0] != AT_FDCWD) {
      return stat(files.get(a[0]).stat(), a[2]);
    }
    return stat(empty ? HostFile.stat(here) : attributes(a[0], a[1], (a[3] & AT_SYMLINK_NOFOLLOW) == 0), a[2]);
  }

  /// Nothing is a terminal.
  private long ioctl(Task task, long[] a) throws IOException {
    OpenFile file = files.get(a[0]);
    switch ((int) a[1]) {
      case FIONREAD -> process.write(a[2], Bytes.half(file.available()));
      case FIONBIO -> file.setFlags(OpenFile.O_NONBLOCK, process.half(a[2]) == 0 ? 0 : OpenFile.O_NONBLOCK);
      default -> throw new Errno(Errno.ENOTTY);
    }
    return 0;
  }

  private long valid(long descriptor) {
    files.get(descriptor);
    return descriptor;
  }

  private long dup(long from, long to, long flags) throws IOException {
    files.put(to, files.get(from));
    files.setCloseOnExec(to, (flags & FileTable.O_CLOEXEC) != 0);
    return to;
  }

  private long fcntl(Task task, long[] a) {
    OpenFile file = files.get(a[0]);
    switch ((int) a[1]) {
      case F_DUPFD, F_DUPFD_CLOEXEC -> {
        int number = files.add(file, a[2]);
        files.setCloseOnExec(number, a[1] == F_DUPFD_CLOEXEC);
        return number;
      }
      case F_GETFD -> {
        return files.closesOnExec(a[0]) ? 1 : 0;
      }
      case F_SETFD -> files.setCloseOnExec(a[0], (a[2] & 1) != 0);
      case F_GETFL -> {
        return file.flags & ~(O_CREAT | O_EXCL | O_TRUNC | FileTable.O_CLOEXEC);
      }
      case F_SETFL -> file.setFlags(CHANGEABLE, (int) a[2]);
      case F_SETPIPE_SZ -> {
        file.resize((int) a[2]);
        return file.capacity();
      }
      case F_GETPIPE_SZ -> {
        return file.capacity();
      }
      default -> throw new Errno(Errno.EINVAL);
    }
    return 0;
  }

  private long readlink(long descriptor, long name, long to, long size) throws IOException {
    if ((int) size <= 0) {
      throw new Errno(Errno.EINVAL);
    }
    String path = process.string(name);
    String target;
    if (path.equals("/proc/self/exe")) {
      target = executable;
    } else {
      Path found = find(descriptor, path, false);
      if (!Files.isSymbolicLink(found)) {
        throw new Errno(Files.exists(found, LinkOption.NOFOLLOW_LINKS) ? Errno.EINVAL : Errno.ENOENT);
      }
      target = Files.readSymbolicLink(found).toString();
    }
    byte[] bytes = target.getBytes(StandardCharsets.UTF_8);
    byte[] cut = Arrays.copyOf(bytes, Math.min(bytes.length, (int) size));
    process.write(to, cut);
    return cut.length;
  }

  private long getdents(Task task, long[] a) throws IOException {
    OpenFile file = files.get(a[0]);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = 0;
    for (OpenFile.Entry entry : file.entries()) {
      byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
      int size = 19 + name.length + 1 + 7 & -8;
      if (out.size() + size > a[2]) {
        if (count == 0) {
          throw new Errno(Errno.EINVAL);
        }
        break;
      }
      out.writeBytes(Bytes.all(Bytes.of(size).putLong(entry.inode()).putLong(entry.next()).putShort((short) size)
          .put((byte) entry.type()).put(name)));
      count++;
    }
    process.write(a[1], out.toByteArray());
    if (file instanceof HostDirectory open) {
      open.advance(count);
    }
    return out.size();
  }

  private long getcwd(Task task, long[] a) {
    byte[] name = ((hasRoot ? root.nameOf(here) : "/") + "\0").getBytes(StandardCharsets.UTF_8);
    if (name.length > a[1]) {
      throw new Errno(Errno.ERANGE);
    }
    process.write(a[0], name);
    return name.length;
  }

  private long chdir(Task task, long[] a) throws IOException {
    Path found = find(AT_FDCWD, process.string(a[0]), true);
    if (!Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS)) {
      throw new Errno(Files.exists(found, LinkOption.NOFOLLOW_LINKS) ? Errno.ENOTDIR : Errno.ENOENT);
    }
    here = found;
    return 0;
  }

  private long fchdir(Task task, long[] a) {
    here = base(a[0]);
    return 0;
  }

  private long access(long descriptor, long name, long mode) throws IOException {
    attributes(descriptor, name, true);
    if ((mode & WRITE_ACCESS) != 0) {
      root.checkWritable();
    }
    return 0;
  }

  private long ftruncate(Task task, long[] a) throws IOException {
    long size = TransferCalls.notNegative(a[1]);
    OpenFile file = files.get(a[0]);
    if (!file.isWritable()) {
      throw new Errno(Errno.EINVAL); // fs/open.c, do_sys_ftruncate
    }
    file.truncate(size);
    return 0;
  }

  private long umask(Task task, long[] a) {
    int old = umask;
    umask = (int) a[0] & 0777;
    return old;
  }

  // ---- changes of directories

  private long unlink(long descriptor, long name, long flags) throws IOException {
    boolean wantsDirectory = (flags & AT_REMOVEDIR) != 0;
    Path found = changed(descriptor, name, wantsDirectory ? Errno.EBUSY : Errno.EISDIR);
    if (Files.exists(found, LinkOption.NOFOLLOW_LINKS)
        && Files.isDirectory(found, LinkOption.NOFOLLOW_LINKS) != wantsDirectory) {
      throw new Errno(wantsDirectory ? Errno.ENOTDIR : Errno.EISDIR);
    }
    Files.delete(found);
    return 0;
  }

  /// @param top why the root itself is not to be had
  private Path changed(long descriptor, long name, int top) throws IOException {
    Path found = find(descriptor, process.string(name), false);
    root.checkWritable();
    if (found.equals(root.top())) {
      throw new Errno(top);
    }
    return found;
  }

  private long mkdir(long descriptor, long name) throws IOException {
    Files.createDirectory(changed(descriptor, name, Errno.EEXIST));
    return 0;
  }

  private long rename(long from, long name, long to, long other) throws IOException {
    Path old = changed(from, name, Errno.EBUSY);
    Path made = changed(to, other, Errno.EBUSY);
    boolean directory = Files.isDirectory(old, LinkOption.NOFOLLOW_LINKS);
    if (directory && made.startsWith(old) && !made.equals(old)) {
      throw new Errno(Errno.EINVAL);
    }
    if (Files.exists(old, LinkOption.NOFOLLOW_LINKS) && Files.exists(made, LinkOption.NOFOLLOW_LINKS)
        && Files.isDirectory(made, LinkOption.NOFOLLOW_LINKS) != directory) {
      throw new Errno(directory ? Errno.ENOTDIR : Errno.EISDIR);
    }
    Files.move(old, made, StandardCopyOption.REPLACE_EXISTING);
    return 0;
  }

  private long chmod(long descriptor, long name, long mode) throws IOException {
    Path found = find(descriptor, process.string(name), true);
    root.checkWritable();
    Files.setPosixFilePermissions(found, permissions((int) mode));
    return 0;
  }
}
