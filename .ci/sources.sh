# Sourced by ./test: Debian packages that are no tools but things to be tested on: source packages, whose test suites
# the strangers' authors wrote, and programs of either instruction set. Nothing of them is kept in the repository.

# fetch DIRECTORY TYPE OPTIONS COMMAND: fills DIRECTORY, once, with what a shell command makes in the directory `tree`
# of an empty working directory. It finds `apt` set to an apt-get that has a state of its own and asks the mirrors the
# machine has for packages of that type (deb, deb-src), so that how the machine is set up stays as it is. Returns 1 if
# it cannot be had.
fetch() {
  [ -e "$1/.complete" ] && return 0
  command -v apt-get >/dev/null 2>&1 || return 1
  work=$(mktemp -d) || return 1
  mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial" "$work/tree"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$list" ] && sed -n "s/^deb /$2 /p" "$list" >>"$work/parts/all.list"
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    [ -r "$list" ] && sed "s/^Types:.*/Types: $2/" "$list" >"$work/parts/$(basename "$list")"
  done
  apt="apt-get $3 -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$work/parts -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -qq"
  if (cd "$work" && $apt update && eval "$4") >/dev/null 2>&1; then
    mkdir -p "$1" && cp -r "$work/tree/." "$1" && touch "$1/.complete"
  fi
  rm -rf "$work"
  [ -e "$1/.complete" ]
}

# fetch_source PACKAGE DIRECTORY: puts the package's source tree into DIRECTORY.
fetch_source() {
  command -v dpkg-source >/dev/null 2>&1 || return 1
  fetch "$2" deb-src "" "mkdir sources && (cd sources && \$apt source $1) && cp -r sources/*/. tree"
}

# fetch_programs ARCHITECTURE DIRECTORY PACKAGE...: puts the files of binary packages into DIRECTORY.
fetch_programs() {
  command -v dpkg-deb >/dev/null 2>&1 || return 1
  options="-o APT::Architecture=$1 -o APT::Architectures=$1" into=$2
  shift 2
  fetch "$into" deb "$options" "\$apt download $* && for package in *.deb; do dpkg-deb -x \"\$package\" tree || exit 1; done"
}
