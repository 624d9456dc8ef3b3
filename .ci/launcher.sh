# Sourced by the scripts at the top level behind environment.sh, with `root` set: what is built, of which sources, and
# who builds it. What depends on sources is known by their content, never by time stamps, so a copied tree needs no
# build.

home=$root/kernel-sim/target
jar=$home/kernel-sim-0.1.0.jar
aot=$home/crosspatch.aot
main=dev.crosspatch.sim.cli.Main

have() { command -v "$1" >/dev/null 2>&1; }

# Prints the class path: every jar by name, in an order that does not depend on the file system, since the start-up
# cache belongs to it.
class_path() {
  printf '%s' "$jar"
  for library in "$home"/lib/*.jar; do printf ':%s' "$library"; done
}

# Prints the program that hashes files.
hasher() {
  if have sha256sum; then echo sha256sum
  elif have shasum; then echo "shasum -a 256"
  else echo cksum; fi
}

# Prints a hash of all that goes into the build: names and contents. Some 15 ms.
sources_hash() {
  (
    cd "$root" || exit 1
    set -- pom.xml asm/wasm/fetch.sh asm/wasm/package.json asm/wasm/package-lock.json
    for pom in */pom.xml; do # of every module with classes that the command runs, also of an ISA of your own
      module=${pom%/pom.xml}
      [ "$module" = tests ] || [ ! -d "$module/src/main" ] || set -- "$@" "$pom" "$module/src/main"
    done
    hash=$(hasher)
    find "$@" -type f -exec $hash {} + 2>/dev/null | LC_ALL=C sort | $hash
  )
}

# first_line FILE: prints it; nothing if there is no such file.
first_line() {
  line=
  [ -r "$1" ] && IFS= read -r line <"$1"
  printf '%s\n' "$line"
}

# write_line FILE TEXT: whole or not at all.
write_line() {
  printf '%s\n' "$2" >"$1.$$" && mv -f "$1.$$" "$1"
}

# is_built HASH: whether what lies there is the build of the sources with that hash.
is_built() {
  [ -f "$jar" ] && [ "$(first_line "$home/crosspatch.built")" = "$1" ]
}

# Ends with status 2 unless the build can be written.
need_writable_home() {
  mkdir -p "$home" 2>/dev/null && [ -w "$home" ] || {
    echo "crosspatch: $home cannot be written, and what is built there is not that of these sources; build in a copy that can be written" >&2
    exit 2
  }
}

# Takes the lock of the build; fails at once if another process has it. The system gives up a killed process's lock
# where there is flock; elsewhere the lock is a directory with the number of its process in it.
try_lock() {
  if have flock; then
    true 2>/dev/null >>"$home/crosspatch.lock" || return 1
    exec 9>>"$home/crosspatch.lock"
    flock -n 9
  else
    try_lock_directory
  fi
}

try_lock_directory() {
  held=$home/crosspatch.lock.d
  if mkdir "$held" 2>/dev/null; then
    echo $$ >"$held/pid"
    return 0
  fi
  owner=$(first_line "$held/pid")
  if [ -n "$owner" ]; then
    kill -0 "$owner" 2>/dev/null || [ -d "/proc/$owner" ] && return 1
  elif [ -z "$(find "$held" -prune -mmin +1 2>/dev/null)" ]; then
    return 1 # just made, or just given up
  fi
  # Its process is dead. Of several that see so, one moves it away; whoever moved a living one's lock gives it back.
  mv "$held" "$held.$$" 2>/dev/null || return 1
  if [ "$(first_line "$held.$$/pid")" != "$owner" ]; then
    mv "$held.$$" "$held" 2>/dev/null
    return 1
  fi
  rm -rf "$held.$$"
  mkdir "$held" 2>/dev/null && echo $$ >"$held/pid"
}

lock() {
  try_lock && return 0
  echo "crosspatch: waiting for another process that builds here" >&2
  if have flock; then
    flock 9
  else
    until try_lock; do sleep 1; done
  fi
}

unlock() {
  if have flock; then exec 9>&-; else rm -rf "$home/crosspatch.lock.d"; fi
}

# Builds unless that is done.
ensure_built() {
  is_built "$(sources_hash)" && return 0
  need maven mvn
  need npm npm
  need_writable_home
  lock
  hash=$(sources_hash)
  is_built "$hash" || build "$hash"
  unlock
}

# build HASH: builds the sources that have this hash; ends with status 2 if that fails.
build() {
  echo "crosspatch: building (the first build fetches its dependencies and compiles Keystone and Capstone: some minutes)" >&2
  log=$(mktemp 2>/dev/null) || log=$home/build.log # where TMPDIR is not usable
  rm -f "$home/crosspatch.built"
  (cd "$root" && mvn -B -ntp -DskipTests -pl kernel-sim -am package 2>&1; printf '\nexit=%s\n' $?) |
    tee "$log" | sed -n 's/^\[INFO\] Building \(Crosspatch\|[a-z0-9-]*\) .*\[\(.*\)\]$/crosspatch:   \2 \1/p' >&2
  if ! grep -q '^exit=0$' "$log"; then
    grep '^\[ERROR\]' "$log" | head -n 20 >&2
    echo "crosspatch: the build failed; the whole log is in $log" >&2
    exit 2
  fi
  # Kernels and encodings are the work of the assembler, which may be another now.
  rm -rf "$log" "$home/cache"
  write_line "$home/crosspatch.built" "$1"
}

# Prints what the start-up cache depends on: the JVM takes it only with the class path and the very JDK it was made
# with.
aot_key() {
  printf '%s %s %s\n' "$jdk" "$(cksum <"$jdk/release" | tr ' ' -)" "$home"
}

is_trained() {
  [ "$(first_line "$home/crosspatch.trained")" = "$(aot_key)" ] && [ "$home/crosspatch.trained" -nt "$jar" ]
}

# Training leaves a cache of loaded and linked classes, which more than halves the start-up time; without it everything
# works, only later. It begins without kernels and encodings, so that the assembler is in it. It is made aside: other
# starts meanwhile run without.
ensure_trained() {
  is_trained && return 0
  [ -w "$home" ] && try_lock || return 0
  if ! is_trained; then
    echo "crosspatch: training the start-up cache" >&2
    rm -rf "$home"/training.*
    train "$home/training.$$"
    rm -rf "$home/training.$$"
  fi
  unlock
}

# train DIRECTORY: trains there.
train() {
  mkdir "$1" || return 0
  "$jdk/bin/java" -XX:+UseSerialGC -Xlog:disable -Xlog:all=off "-XX:AOTCacheOutput=$1/crosspatch.aot" "-Dcrosspatch.cache=$1/cache" \
    -cp "$(class_path)" "$main" \
    run "$root/scenarios/x86-jump-label.yaml" "$root/scenarios/arm64-jump-label.yaml" --out "$1/trained" >/dev/null 2>&1
  rm -f "$aot"
  [ -s "$1/crosspatch.aot" ] && mv -f "$1/crosspatch.aot" "$aot"
  write_line "$home/crosspatch.trained" "$(aot_key)"
}
