# Sourced by the scripts at the top level: finds a JDK of at least 25 without starting one, and says what is missing.

# Prints the home of the first suitable JDK.
find_jdk() {
  for found in "${CROSSPATCH_JAVA_HOME:-}" "${JAVA_HOME:-}" "$(java_on_path)" \
      /usr/lib/jvm/* /opt/jdk* /opt/java/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$found" ] && [ -x "$found/bin/javac" ] && [ -r "$found/release" ] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$found/release")
    [ "${version:-0}" -ge 25 ] && { echo "$found"; return 0; }
  done
  return 1
}

java_on_path() {
  java=$(command -v java 2>/dev/null) || return 0
  java=$(readlink -f "$java" 2>/dev/null || echo "$java")
  dirname "$(dirname "$java")"
}

# Ends with status 2 unless a JDK is there.
need_jdk() {
  jdk=$(find_jdk) || {
    echo "crosspatch: no JDK of version 25 or later found; install one and set CROSSPATCH_JAVA_HOME to its directory" >&2
    exit 2
  }
}

# need NAME COMMAND: ends with status 2 unless the command is there.
need() {
  command -v "$2" >/dev/null 2>&1 || {
    echo "crosspatch: $1 is needed to build ('$2' is not on the PATH); install it, e.g. 'apt-get install $1'" >&2
    exit 2
  }
}
