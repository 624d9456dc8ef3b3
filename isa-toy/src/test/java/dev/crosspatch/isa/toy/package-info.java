/// A third instruction set, made up, as a module of its own: what a new ISA consists of, and the proof that it edits
/// nothing else. `docs/third-isa.md` goes through it file by file.
@NullMarked
package dev.crosspatch.isa.toy;

import org.jspecify.annotations.NullMarked;
