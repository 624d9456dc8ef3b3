# Sourced by ./test: Debian source packages, whose test suites the strangers' authors wrote. Nothing of them is kept in
# the repository.

# fetch_source PACKAGE DIRECTORY: puts the package's source tree into DIRECTORY, once. It asks the mirrors the machine
# has for sources, without changing how the machine is set up. Returns 1 if it cannot be had.
fetch_source() {
  [ -e "$2/.complete" ] && return 0
  command -v apt-get >/dev/null 2>&1 || return 1
  command -v dpkg-source >/dev/null 2>&1 || return 1
  work=$(mktemp -d) || return 1
  mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$list" ] && sed -n 's/^deb /deb-src /p' "$list" >>"$work/parts/all.list"
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    [ -r "$list" ] && sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/parts/$(basename "$list")"
  done
  options="-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/parts -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache"
  if (cd "$work/tree" && apt-get $options -qq update && apt-get $options -qq source "$1") >/dev/null 2>&1 && tree=$(ls -d "$work"/tree/*/ 2>/dev/null | head -1) && [ -n "$tree" ]; then
    mkdir -p "$2" && cp -r "$tree." "$2" && touch "$2/.complete"
  fi
  rm -rf "$work"
  [ -e "$2/.complete" ]
}
